package com.mcpist.pair.control;

/**
 * How a pair is reached by who looks after it. It passes the control socket only.
 *
 * @param edgeUrl where clients connect, without the path
 * @param gatewaySecret what origins are asked with
 * @param adminToken for the origins' /api/admin
 * @param edgeAdminUrl the edge's admin listener
 * @param edgeAdminToken for that
 */
public record AccessReply(
    String edgeUrl,
    String gatewaySecret,
    String adminToken,
    String edgeAdminUrl,
    String edgeAdminToken) {
  /** Never the secrets. */
  @Override
  public String toString() {
    return "AccessReply[" + edgeUrl + ", " + edgeAdminUrl + "]";
  }
}
