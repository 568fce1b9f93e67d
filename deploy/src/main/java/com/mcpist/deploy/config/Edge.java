package com.mcpist.deploy.config;

import java.time.Duration;

/**
 * How the edge treats a call.
 *
 * @param failover what chooses the origin in production
 * @param waitLimit how long a call waits for an origin when none answers
 * @param connectTimeout how long a connection to an origin may take
 * @param idleTimeout how long an origin may send nothing before the attempt has failed
 * @param maxBodyBytes the largest request body, in bytes
 * @param holdDown how long an origin that failed must be well before it is preferred again; doubles
 *     with each failure
 * @param holdDownMax the longest such time
 */
public record Edge(
    Failover failover,
    Duration waitLimit,
    Duration connectTimeout,
    Duration idleTimeout,
    long maxBodyBytes,
    Replay replay,
    Duration holdDown,
    Duration holdDownMax) {

  /** What chooses the origin in production. */
  public enum Failover {
    /** The Worker itself. */
    WORKER,
    /** Cloudflare's load balancer, behind the Worker. */
    LOAD_BALANCER
  }

  /** Which calls may be sent again to the next origin. */
  public enum Replay {
    /** Every call: the origins keep MCPist's ledger, so that nothing happens twice. */
    ALL,
    /** Only what reads: the origins are not MCPist's own. */
    SAFE
  }

  /** The defaults, which are the built-in mcpist.yml's too. */
  public static final Edge DEFAULT =
      new Edge(
          Failover.WORKER,
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          4 * 1024 * 1024,
          Replay.ALL,
          Duration.ofSeconds(3),
          Duration.ofSeconds(60));
}
