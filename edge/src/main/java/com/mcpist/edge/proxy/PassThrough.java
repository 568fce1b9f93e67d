package com.mcpist.edge.proxy;

import io.vertx.core.buffer.Buffer;

/** Passes a body on as it comes. */
final class PassThrough implements Receiver {
  private final Client client;
  private final Attempt attempt;

  PassThrough(Client client, Attempt attempt) {
    this.client = client;
    this.attempt = attempt;
  }

  @Override
  public void take(Buffer piece) {
    if (client.write(piece, attempt::resume)) {
      attempt.pause();
    }
  }

  @Override
  public boolean whole() {
    client.end();
    return true;
  }

  @Override
  public void dropped() {}
}
