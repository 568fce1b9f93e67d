package com.mcpist.deploy.admin;

import com.mcpist.deploy.platform.VendorCalls;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An API key as the origins know it: without the key.
 *
 * @param name what its maker calls it
 * @param user whom it makes the caller
 * @param created by the database's clock
 * @param expires empty: never
 * @param revoked when that was; empty where it is not
 */
public record KeyRecord(
    String id,
    String name,
    String user,
    Optional<Instant> created,
    Optional<Instant> expires,
    Optional<Instant> revoked) {
  static KeyRecord of(JsonNode json) {
    String id = json.path("id").asString("");
    if (id.isEmpty()) {
      throw new IllegalArgumentException("a key has an id");
    }
    return new KeyRecord(
        id,
        json.path("name").asString(""),
        json.path("user").asString(""),
        VendorCalls.instant(json.path("created")),
        VendorCalls.instant(json.path("expires")),
        VendorCalls.instant(json.path("revoked")));
  }

  /** Whether it lets a client in at that moment. */
  public boolean works(Instant now) {
    return revoked.isEmpty() && expires.filter(end -> !end.isAfter(now)).isEmpty();
  }
}
