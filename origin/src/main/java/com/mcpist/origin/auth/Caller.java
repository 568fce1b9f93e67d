package com.mcpist.origin.auth;

/** Who a request says that it is of. */
public sealed interface Caller {
  /** A user whom an edge has recognised, or the operator. */
  record Known(String user) implements Caller {}

  /**
   * Who has this API key.
   *
   * @param digest its SHA-256 in lower-case hex
   */
  record Holder(String digest) implements Caller {}
}
