package com.mcpist.deploy.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.util.StdConverter;

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
    @JsonProperty("wait") Duration waitLimit,
    Duration connectTimeout,
    Duration idleTimeout,
    @JsonProperty("max_body") @JsonDeserialize(converter = Size.class) long maxBodyBytes,
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

  /** Sizes as people write them: bytes, KiB or MiB, 1 B to 1 GiB. */
  static final class Size extends StdConverter<String, Long> {
    /**
     * @param text a number with its unit
     * @throws IllegalArgumentException when it is too small or too large
     */
    static long parse(String text) {
      long factor = text.endsWith("MiB") ? 1024 * 1024 : text.endsWith("KiB") ? 1024 : 1;
      long bytes = Long.parseLong(text.replaceFirst("[A-Za-z]+$", "")) * factor;
      if (bytes < 1 || bytes > 1 << 30) {
        throw new IllegalArgumentException();
      }
      return bytes;
    }

    @Override
    public Long convert(String text) {
      return parse(text);
    }
  }
}
