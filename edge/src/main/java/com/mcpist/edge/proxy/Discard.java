package com.mcpist.edge.proxy;

import io.vertx.core.buffer.Buffer;

/** For an answer that nobody waits for any more: read to its end, so that the work is done. */
final class Discard implements Receiver {
  @Override
  public void take(Buffer piece) {}

  @Override
  public boolean whole() {
    return true;
  }

  @Override
  public void dropped() {}
}
