package com.mcpist.pair.control;

import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.secret.Secret;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a pair that runs is reached by who looks after it. The secrets print redacted.
 *
 * @param edge where clients connect, without a path
 * @param gatewaySecret what origins are asked with; adminToken is for their /api/admin
 * @param nextGatewaySecret what is to replace it, while it is rotated; so is nextAdminToken
 * @param edgeAdmin the edge's admin listener, without a path; another one after the edge's restart
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
