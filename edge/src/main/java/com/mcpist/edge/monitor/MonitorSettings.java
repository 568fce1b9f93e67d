package com.mcpist.edge.monitor;

import java.time.Duration;

/**
 * The settings by which origins are probed.
 *
 * @param timeout the time for one probe's whole answer
 * @param retries the number of further probes at once, after a timeout only
 */
public record MonitorSettings(Duration timeout, int retries) {
  public static final MonitorSettings DEFAULTS = new MonitorSettings(Duration.ofSeconds(5), 2);
}
