package com.mcpist.pair.control;

import org.jspecify.annotations.Nullable;

/**
 * The supervisor's line in answer, as JSON.
 *
 * @param error one plain sentence; null when it is done
 * @param usage whether the error is the caller's: a name or a command that does not exist
 * @param status how the pair is then
 * @param database in answer to "database"
 * @param access in answer to "access"
 * @param hosting in answer to what is asked of an origin's platform
 */
public record Reply(
    @Nullable String error,
    boolean usage,
    @Nullable PairStatus status,
    @Nullable OwnDatabase database,
    @Nullable AccessReply access,
    @Nullable HostingReply hosting) {
  /** It is done. */
  public static Reply done() {
    return new Reply(null, false, null, null, null, null);
  }

  public static Reply of(PairStatus status) {
    return new Reply(null, false, status, null, null, null);
  }

  public static Reply of(OwnDatabase database) {
    return new Reply(null, false, null, database, null, null);
  }

  public static Reply of(AccessReply access) {
    return new Reply(null, false, null, null, access, null);
  }

  public static Reply of(HostingReply hosting) {
    return new Reply(null, false, null, null, null, hosting);
  }

  /** It could not be done. */
  public static Reply failed(String error) {
    return new Reply(error, false, null, null, null, null);
  }

  /** It could not be done, and that is of a kind which a deployment tells apart. */
  public static Reply refused(String error, HostingReply.Refusal refusal) {
    return new Reply(error, false, null, null, null, HostingReply.of(refusal));
  }

  /** There is no such thing. */
  public static Reply wrongUsage(String error) {
    return new Reply(error, true, null, null, null, null);
  }
}
