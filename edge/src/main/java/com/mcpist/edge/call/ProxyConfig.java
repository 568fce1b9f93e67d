package com.mcpist.edge.call;

import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.listen.ClientLimits;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The settings by which the edge forwards calls.
 *
 * @param host the address that the edge listens on, if it is not given a socket
 * @param port the port that the edge listens on; 0 for any free port
 * @param waitMillis the time in milliseconds for which a call that finds no origin is tried again
 * @param connectTimeoutMillis the time in milliseconds within which a connection to an origin must
 *     be made, TLS included
 * @param idleTimeoutMillis the time in milliseconds without a byte after which an attempt has
 *     failed
 * @param attemptMillis the time in milliseconds after which an attempt may have no effect any more;
 *     X-Deadline is this far ahead, so this is also the longest time that a tool may run
 * @param maxBodyBytes the largest number of bytes in the body of one request
 * @param replayBufferBytes the largest number of bytes in all bodies held at once, requests and
 *     responses
 * @param clients the limits on what a client may take
 * @param allowedHosts the names by which clients may address the edge; null for the names that
 *     follow from the address that the edge listens on and from the authentication
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

  /**
   * The largest {@link #maxBodyBytes}. Both edges have room for such a body from whoever sends it
   * while they hold nothing else.
   */
  public static final int MOST_BODY_BYTES = 16 * MEBIBYTE;

  private static final int SWEEPS_PER_LIMIT = 20;
  private static final long LONGEST_SWEEP_MILLIS = 100;

  /**
   * Returns the default settings: 10 s, 1 s, 3 s, 5 min, 4 MiB, 64 MiB, and the address's own
   * names.
   */
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

  /**
   * Returns how often, in milliseconds, to check whether something has taken too long: a twentieth
   * of the idle timeout, but at least 5 and at most 100 ms.
   */
  public long sweepMillis() {
    return Math.clamp(idleTimeoutMillis / SWEEPS_PER_LIMIT, 5, LONGEST_SWEEP_MILLIS);
  }

  /** Returns the names by which clients may address an edge that listens on this address. */
  public HostNames names(InetAddress address, Authentication authentication) {
    return allowedHosts == null ? HostNames.ofListener(address, authentication) : allowedHosts;
  }
}
