package com.mcpist.deploy.platform.fly;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/**
 * Somebody's right to change a machine alone.
 *
 * @param nonce whoever knows it has the right
 * @param description what its owner wrote
 */
record Lease(String nonce, String owner, String description, Instant expires) {

  static Lease of(JsonNode json) {
    JsonNode data = json.path("data");
    return new Lease(
        data.path("nonce").asString(""),
        data.path("owner").asString(""),
        data.path("description").asString(""),
        Instant.ofEpochSecond(data.path("expires_at").asLong(0)));
  }

  /** Who and until when, for people. */
  String told() {
    return "leased by "
        + (owner.isEmpty() ? "somebody" : owner)
        + (description.isEmpty() ? "" : " (" + description + ")")
        + " until "
        + expires;
  }
}
