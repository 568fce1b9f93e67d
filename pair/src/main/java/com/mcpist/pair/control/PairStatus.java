package com.mcpist.pair.control;

import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.secret.Secret;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a pair is, without secrets; the origins are in the order in which the edge prefers them.
 *
 * @param problems what hangs, what died last, and what the programs find fault with, a line each
 */
public record PairStatus(
    Edge edge, List<Origin> origins, Database database, List<String> problems) {
  /** Where clients connect, without the path; its pid is null while it is down. */
  public record Edge(String url, @Nullable Long pid) {}

  /**
   * One origin; its pid is null while it is down, its release until the edge has heard of it.
   *
   * @param state healthy, suspect, unhealthy or drained, as the edge sees it; unknown while it does
   *     not answer
   * @param active whether new calls go to it
   */
  public record Origin(
      String name,
      String url,
      @Nullable Long pid,
      String state,
      boolean active,
      @Nullable String release,
      @Nullable LastFailure lastFailure) {
    public boolean drained() {
      return state.equals("drained");
    }
  }

  /** Why an origin failed last, and at which instant, in ISO 8601. */
  public record LastFailure(String at, String reason) {}

  public record Database(String url) {}

  /**
   * A release of an origin of this machine: the digest of its folder, its state in a word or two,
   * why, or empty, and its variables that are no secrets.
   */
  public record HostedRelease(
      String id,
      String digest,
      State state,
      String told,
      String detail,
      boolean runs,
      Instant created,
      Map<String, String> env) {
    /** A release on its way; unchanged where it ran, or was on its way, already. */
    public record Rollout(String id, boolean unchanged) {}
  }

  /**
   * How a pair that runs is reached by who looks after it. The secrets print redacted.
   *
   * @param edge where clients connect, without a path
   * @param gatewaySecret what origins are asked with; adminToken is for their /api/admin
   * @param nextGatewaySecret what is to replace it, while it is rotated; so is nextAdminToken
   * @param edgeAdmin the edge's admin listener, without a path; another one after the edge's
   *     restart
   */
  public record PairAccess(
      URI edge,
      Secret gatewaySecret,
      Secret adminToken,
      Optional<Secret> nextGatewaySecret,
      Optional<Secret> nextAdminToken,
      URI edgeAdmin,
      Secret edgeAdminToken,
      Admission admission) {
    /** postgres://user:password@host:port/database, and the server's pid; null while it is down. */
    public record OwnDatabase(Secret url, @Nullable Long pid) {}
  }
}
