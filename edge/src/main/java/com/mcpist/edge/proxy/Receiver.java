package com.mcpist.edge.proxy;

import io.vertx.core.buffer.Buffer;

/** What becomes of the body of an attempt's response. */
interface Receiver {
  /** A piece has come. */
  void take(Buffer piece);

  /**
   * The body is whole.
   *
   * @return whether it is an answer; else the attempt has failed
   */
  boolean whole();

  /** The attempt has failed: what is held is of no use. */
  void dropped();
}
