package com.mcpist.edge.proxy;

import io.vertx.core.http.HttpConnection;

/** A client's connection, and how long it may take over what it is doing. */
final class ClientConnection implements Watched {
  private final EventLoop loop;
  private final HttpConnection connection;
  private State state = State.WAITING;
  private long since;
  private boolean served;
  private boolean ends;

  private enum State {
    /** For the next request's head. */
    WAITING,
    /** With a request; the request has limits of its own. */
    BUSY,
    /** For the client to read what it has been sent. */
    WRITING
  }

  ClientConnection(EventLoop loop, HttpConnection connection) {
    this.loop = loop;
    this.connection = connection;
    this.since = loop.now();
  }

  void requestBegun() {
    state = State.BUSY;
  }

  /** What is left of its bytes is no request, whatever it looks like. */
  void endsWithThis() {
    ends = true;
  }

  /** Whether nothing more is to be taken from it. */
  boolean ends() {
    return ends;
  }

  /** Bytes were handed to the connection that the client must make room for. */
  void writing() {
    state = State.WRITING;
    since = loop.now();
  }

  /** They are on their way, and more may follow. */
  void written() {
    state = State.BUSY;
  }

  void responseEnded() {
    state = State.WAITING;
    since = loop.now();
    served = true;
  }

  /** Whether it has not had a request yet. */
  boolean unused() {
    return state == State.WAITING && !served;
  }

  @Override
  public void check(long now) {
    if (now - since > limit()) {
      close();
    }
  }

  private long limit() {
    ClientLimits limits = loop.shared().config().clients();
    return switch (state) {
      case WAITING -> served ? limits.keepAliveMillis() : limits.headMillis();
      case BUSY -> Long.MAX_VALUE;
      case WRITING -> limits.writeMillis();
    };
  }

  void close() {
    connection.close();
  }
}
