package com.mcpist.pair.control;

import com.mcpist.deploy.config.Admission;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a pair is reached by who looks after it. It passes the control socket only.
 *
 * @param edgeUrl where clients connect, without the path
 * @param gatewaySecret what origins are asked with
 * @param adminToken for the origins' /api/admin
 * @param nextGatewaySecret what is to replace it; null where nothing is
 * @param nextAdminToken what is to replace it; null where nothing is
 * @param edgeAdminUrl the edge's admin listener
 * @param edgeAdminToken for that
 * @param overlapping the names of the origins of which a new process starts before the old one ends
 * @param admission what the edge lets clients in for; null in an answer of a release that let
 *     everybody in
 */
public record AccessReply(
    String edgeUrl,
    String gatewaySecret,
    String adminToken,
    @Nullable String nextGatewaySecret,
    @Nullable String nextAdminToken,
    String edgeAdminUrl,
    String edgeAdminToken,
    List<String> overlapping,
    @Nullable Admission admission) {
  /** As given. */
  public AccessReply {
    overlapping = List.copyOf(overlapping);
  }

  /** Never the secrets. */
  @Override
  public String toString() {
    return "AccessReply[" + edgeUrl + ", " + edgeAdminUrl + "]";
  }
}
