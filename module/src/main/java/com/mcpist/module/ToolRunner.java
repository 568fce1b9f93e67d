package com.mcpist.module;

/** Runs a tool with the guarantee that its {@link Tool.Effect} asks for. */
public interface ToolRunner {
  /**
   * Runs the tool, or returns the result that an earlier attempt at the same call stored.
   *
   * @throws ToolException for what the caller can mend
   * @throws Question.InputRequired as the tool threw it: the call has had no effect and is not
   *     recorded
   * @throws AttemptFailedException when another origin should try: the database is out of reach,
   *     the attempt was fenced off, its deadline has passed
   * @throws TooOldException for a further sending of a call that may have been done and forgotten
   * @throws Exception as the tool threw it: a mistake in the tool
   */
  ToolResult run(Tool tool, Invocation invocation) throws Exception;

  /**
   * Records that the client has no answer to this sending of an edge's call, so that the next equal
   * call of the user is taken for the same call. Runs nothing. The tool is named, because this
   * process may not offer it: another release may, or its mounted server may still be starting.
   *
   * @throws AttemptFailedException if it could not be recorded here, or the attempt's deadline has
   *     passed; another origin should try
   * @throws TooOldException if the sending is so late that no sending after it may become the call
   * @throws Exception as {@link #run} does
   */
  void undelivered(String tool, Invocation invocation) throws Exception;

  /** Nothing was run: nobody knows any more what became of the call's first sending. */
  final class TooOldException extends Exception {
    private static final long serialVersionUID = 1L;

    public TooOldException() {
      super(null, null, false, false);
    }
  }

  /**
   * The attempt failed for a reason that lies in this origin or on its way to the database, not in
   * the call: another attempt, at another origin, may succeed. The edge makes it. Any other
   * exception is a mistake in the tool, which would be made again elsewhere, so the client is told.
   */
  final class AttemptFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether this origin is well, and only had no connection for it: nothing was run. */
    private boolean busy;

    public AttemptFailedException(String message) {
      super(message);
    }

    public AttemptFailedException(String message, Throwable cause) {
      super(message, cause);
    }

    public static AttemptFailedException busy(Throwable cause) {
      var failure = new AttemptFailedException("There was no connection for this attempt", cause);
      failure.busy = true;
      return failure;
    }

    public boolean busy() {
      return busy;
    }
  }
}
