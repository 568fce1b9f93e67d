package com.mcpist.edge.listen;

/**
 * The limits on what a client may take of the edge's time and memory.
 *
 * @param maxConnections the largest number of connections open at once; beyond it, one is closed
 *     unanswered
 * @param maxHeaderBytes the largest number of bytes in one request's header section; more is
 *     answered with 431
 * @param headMillis the time in milliseconds within which a new connection must have sent a whole
 *     request head
 * @param keepAliveMillis the time in milliseconds within which a kept connection must have sent its
 *     next whole request head
 * @param bodyMillis the time in milliseconds within which a request's body must be whole; else 408
 * @param writeMillis the time in milliseconds for which a client may leave unread what it was sent;
 *     then the client counts as gone
 */
public record ClientLimits(
    int maxConnections,
    int maxHeaderBytes,
    long headMillis,
    long keepAliveMillis,
    long bodyMillis,
    long writeMillis) {

  /** Returns the default limits: 4096 connections, 16 KiB of header, 10 s, 60 s, 30 s, 30 s. */
  public static ClientLimits defaults() {
    return new ClientLimits(4096, 16 * 1024, 10_000, 60_000, 30_000, 30_000);
  }
}
