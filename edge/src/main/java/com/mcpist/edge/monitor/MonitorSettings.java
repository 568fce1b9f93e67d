package com.mcpist.edge.monitor;

import java.time.Duration;

/**
 * How origins are probed.
 *
 * @param path of the health endpoint, as {@code /health}
 * @param timeout for one probe's whole answer
 * @param retries at once, after a timeout only
 * @param expectedCode the HTTP status that is well
 * @param expectedBody what the body must contain
 */
public record MonitorSettings(
    String path, Duration timeout, int retries, int expectedCode, String expectedBody) {

  public static final MonitorSettings DEFAULTS =
      new MonitorSettings("/health", Duration.ofSeconds(5), 2, 200, "\"status\":\"ok\"");
}
