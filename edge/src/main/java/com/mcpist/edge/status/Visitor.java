package com.mcpist.edge.status;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** The client of one request for the status page. Used on its connection's event loop only. */
public interface Visitor {
  HttpServerRequest request();

  void send(Page page);

  /** Begins an event stream instead of a page. */
  void stream();

  /** Writes a piece of the stream. Returns false if the connection has not taken all of it yet. */
  boolean write(Buffer piece);

  /** Ends the stream. */
  void end();

  /** Closes the connection and drops what its client has not read. */
  void abort();

  /** Sets what runs when the client goes away. */
  void onGone(Runnable task);

  /** Sets what runs when the connection has taken all, after it had not. */
  void onRoom(Runnable task);
}
