package com.mcpist.edge.listen;

/**
 * What a client may take of the edge's time and memory.
 *
 * @param maxConnections connections open at once; one more is closed unanswered
 * @param maxHeaderBytes of one request's header section; more is answered with 431
 * @param headMillis within which a new connection must have sent a whole request head
 * @param keepAliveMillis within which a kept connection must have sent its next whole request head
 * @param bodyMillis within which a request's body must be whole; else 408
 * @param writeMillis for which a client may leave what it was sent unread; then it counts as gone
 */
public record ClientLimits(
    int maxConnections,
    int maxHeaderBytes,
    long headMillis,
    long keepAliveMillis,
    long bodyMillis,
    long writeMillis) {

  /** 4096 connections, 16 KiB of header, 10 s, 60 s, 30 s, 30 s. */
  public static ClientLimits defaults() {
    return new ClientLimits(4096, 16 * 1024, 10_000, 60_000, 30_000, 30_000);
  }
}
