package com.mcpist.edge.monitor;

import java.time.Duration;

/**
 * How origins are probed.
 *
 * @param timeout for one probe's whole answer
 * @param retries at once, after a timeout only
 */
public record MonitorSettings(Duration timeout, int retries) {
  public static final MonitorSettings DEFAULTS = new MonitorSettings(Duration.ofSeconds(5), 2);
}
