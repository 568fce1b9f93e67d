package com.mcpist.deploy.admin;

import com.mcpist.deploy.platform.VendorCalls;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An API key as the origins know it: without the key.
 *
 * @param fingerprint the beginning of its digest, which edges show behind {@code key:}; empty where
 *     an origin of an earlier release answers
 * @param name what its maker calls it
 * @param user whom it makes the caller
 * @param created by the database's clock
 * @param expires empty: never
 * @param revoked when that was; empty where it is not
 */
public record KeyRecord(
    String id,
    String fingerprint,
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
        json.path("fingerprint").asString(""),
        json.path("name").asString(""),
        json.path("user").asString(""),
        VendorCalls.instant(json.path("created")),
        VendorCalls.instant(json.path("expires")),
        VendorCalls.instant(json.path("revoked")));
  }

  /** Whether it lets a client in at that moment. */
  public boolean works(Instant now) {
    return revoked.isEmpty() && !expired(now);
  }

  /** Whether it had come to its end before anybody ended it: its name may have been taken since. */
  public boolean expired(Instant now) {
    return expires.filter(end -> !end.isAfter(revoked.orElse(now))).isPresent();
  }
}
