package com.mcpist.pair.control;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.secret.Secret;
import org.jspecify.annotations.Nullable;

/**
 * How a pair is, without secrets; the edge prefers the origins in this order. The last failover is
 * null where none is known: the origins tell it, and not the supervisor.
 */
public record PairStatus(
    Edge edge,
    List<Origin> origins,
    Database database,
    List<String> problems,
    @Nullable Event lastFailover) {
  /** Where clients connect, with the path; its pid is null while it is down. */
  public record Edge(String url, @Nullable Long pid) {}

  /**
   * Its pid is null while it is down, its release until the edge has heard of it. The state is
   * healthy, suspect, unhealthy or drained, or unknown while the edge does not answer.
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

  /** The digest of its folder, its state in a word or two, why, and variables but secrets. */
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
   * How a pair is reached by who looks after it. The edge's addresses have no path, and that of its
   * admin listener changes as it restarts; what is next replaces a secret that is being rotated.
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
