package com.mcpist.pair.control;

import org.jspecify.annotations.Nullable;

/**
 * The supervisor's line in answer, as JSON.
 *
 * @param error one plain sentence; null when it is done
 * @param usage whether the error is the caller's: a name or a command that does not exist
 * @param status how the pair is then
 * @param database in answer to "database"
 */
public record Reply(
    @Nullable String error,
    boolean usage,
    @Nullable PairStatus status,
    @Nullable OwnDatabase database) {
  /** It is done. */
  public static Reply done() {
    return new Reply(null, false, null, null);
  }

  public static Reply of(PairStatus status) {
    return new Reply(null, false, status, null);
  }

  public static Reply of(OwnDatabase database) {
    return new Reply(null, false, null, database);
  }

  /** It could not be done. */
  public static Reply failed(String error) {
    return new Reply(error, false, null, null);
  }

  /** There is no such thing. */
  public static Reply wrongUsage(String error) {
    return new Reply(error, true, null, null);
  }
}
