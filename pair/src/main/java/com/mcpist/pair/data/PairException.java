package com.mcpist.pair.data;

import com.mcpist.deploy.platform.PlatformException.Kind;

/** Something a person can mend. The message is one plain line that says what, and how. */
public final class PairException extends Exception {
  private final Kind kind;
  private final String advice;

  public PairException(String message) {
    this(Kind.FAILED, message, "");
  }

  public PairException(String message, Throwable cause) {
    this(message);
    initCause(cause);
  }

  /** What was asked of the supervisor is not done; the parts are those of a refused answer. */
  public PairException(Kind kind, String problem, String advice) {
    super(problem);
    this.kind = kind;
    this.advice = advice;
  }

  public Kind kind() {
    return kind;
  }

  public String advice() {
    return advice;
  }
}
