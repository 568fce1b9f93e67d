package com.mcpist.origin.http;

import com.mcpist.origin.auth.AcceptedSecrets;
import java.time.Duration;

/**
 * Where and how the origin listens. Port 0 is any free one; the instance names this process in its
 * heartbeat.
 */
public record ServerConfig(
    String host, int port, String instance, AcceptedSecrets secrets, Limits limits) {
  public ServerConfig(String host, int port, String instance, AcceptedSecrets secrets) {
    this(host, port, instance, secrets, Limits.DEFAULT);
  }

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
    public static final Limits DEFAULT =
        new Limits(4096, 4 * 1024 * 1024, Duration.ofSeconds(10), Duration.ofSeconds(75));
  }
}
