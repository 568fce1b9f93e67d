package com.mcpist.origin.admin;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An API key, without what could be told of the key itself. Times are by the database's clock.
 *
 * @param fingerprint the beginning of its digest, by which an edge names its holder
 * @param user who its holder is
 * @param expires null: never
 * @param revoked null: it is not
 */
record Key(
    UUID id,
    String fingerprint,
    String name,
    String user,
    Instant created,
    @Nullable Instant expires,
    @Nullable Instant revoked) {
  /** What its maker is told. */
  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id.toString())
        .put("name", name)
        .put("user", user)
        .put("created", created.toString())
        .put("expires", expires == null ? null : expires.toString());
  }

  /** What whoever looks after keys is told. */
  ObjectNode fullJson() {
    return json()
        .put("fingerprint", fingerprint)
        .put("revoked", revoked == null ? null : revoked.toString());
  }
}
