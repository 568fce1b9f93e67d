package com.mcpist.origin.admin;

import java.time.Instant;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Who has the deployment lock, without the token. Instants are the database's. */
record DeploymentLock(String owner, String purpose, Instant since, Instant expiresAt) {
  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("owner", owner)
        .put("purpose", purpose)
        .put("since", since.toString())
        .put("expiresAt", expiresAt.toString());
  }
}
