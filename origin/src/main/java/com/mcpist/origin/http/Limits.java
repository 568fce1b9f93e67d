package com.mcpist.origin.http;

import java.time.Duration;

/**
 * What connections may take.
 *
 * @param maxConnections connections open at once; one more is closed unanswered
 * @param maxBodyBytes the largest request body
 * @param requestTime from the first byte of a request, or the opening of a connection, until the
 *     whole request has come; what is slower is cut off
 * @param idleTime how long a connection may wait between requests; longer than the edge keeps one
 */
public record Limits(
    int maxConnections, int maxBodyBytes, Duration requestTime, Duration idleTime) {
  private static final int MAX_CONNECTIONS = 4096;

  /** 4096 connections, 4 MiB, 10 s, 75 s. */
  public static final Limits DEFAULT =
      new Limits(4 * 1024 * 1024, Duration.ofSeconds(10), Duration.ofSeconds(75));

  /** With the default number of connections. */
  public Limits(int maxBodyBytes, Duration requestTime, Duration idleTime) {
    this(MAX_CONNECTIONS, maxBodyBytes, requestTime, idleTime);
  }
}
