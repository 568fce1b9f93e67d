package com.mcpist.edge.status;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** The client of one request for the status page; used on its connection's event loop only. */
public interface Visitor {
  HttpServerRequest request();

  void send(Page page);

  /** Begins an event stream instead. */
  void stream();

  /** False: the connection has not taken all of it yet. */
  boolean write(Buffer piece);

  /** Ends the stream. */
  void end();

  /** Closes the connection without what its client has not read. */
  void abort();

  /** What is done when the client goes away. */
  void onGone(Runnable task);

  /** What is done when the connection has taken all, after it had not. */
  void onRoom(Runnable task);
}
