package com.mcpist.edge.call;

import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.listen.ClientLimits;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * How the edge forwards.
 *
 * @param host the address it listens on, where it is not given a socket
 * @param port the port it listens on; 0 for any free one
 * @param waitMillis for which a call that finds no origin is tried again
 * @param connectTimeoutMillis within which a connection to an origin must be made, TLS included
 * @param idleTimeoutMillis without a byte after which an attempt has failed
 * @param attemptMillis after which an attempt may have no effect any more: X-Deadline is this far
 *     ahead, so it is also the longest that a tool may run
 * @param maxBodyBytes of one request
 * @param replayBufferBytes of all bodies held at once, requests and responses
 * @param clients what a client may take
 * @param allowedHosts the names by which it may be asked; null: those that follow from the address
 *     it listens on and from who is asked
 */
public record ProxyConfig(
    String host,
    int port,
    long waitMillis,
    long connectTimeoutMillis,
    long idleTimeoutMillis,
    long attemptMillis,
    int maxBodyBytes,
    long replayBufferBytes,
    ClientLimits clients,
    @Nullable HostNames allowedHosts) {

  private static final int MEBIBYTE = 1024 * 1024;
  private static final int SWEEPS_PER_LIMIT = 20;
  private static final long LONGEST_SWEEP_MILLIS = 100;

  /** 10 s, 1 s, 3 s, 5 min, 4 MiB, 64 MiB, the address's own names. */
  public static ProxyConfig defaults(String host, int port) {
    return new ProxyConfig(
        host,
        port,
        10_000,
        1_000,
        3_000,
        300_000,
        4 * MEBIBYTE,
        64L * MEBIBYTE,
        ClientLimits.defaults(),
        null);
  }

  /** How often to look whether something has taken too long: a twentieth of what is noticed so. */
  public long sweepMillis() {
    return Math.clamp(idleTimeoutMillis / SWEEPS_PER_LIMIT, 5, LONGEST_SWEEP_MILLIS);
  }

  /** The names by which an edge may be asked that listens on this address. */
  public HostNames names(InetAddress address, Authentication authentication) {
    return allowedHosts == null ? HostNames.ofListener(address, authentication) : allowedHosts;
  }
}
