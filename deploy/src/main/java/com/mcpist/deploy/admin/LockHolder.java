package com.mcpist.deploy.admin;

import com.mcpist.deploy.platform.VendorCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Who has the lock.
 *
 * @param owner who, as a person reads it
 * @param purpose what for
 * @param since by the database's clock
 * @param expires by the database's clock, unless it is renewed before
 */
public record LockHolder(String owner, String purpose, Instant since, Instant expires) {
  static Optional<LockHolder> of(JsonNode json) {
    Optional<Instant> since = VendorCalls.instant(json.path("since"));
    Optional<Instant> expires = VendorCalls.instant(json.path("expiresAt"));
    return since.isEmpty() || expires.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new LockHolder(
                json.path("owner").asString(""),
                json.path("purpose").asString(""),
                since.get(),
                expires.get()));
  }

  /** Who, what and since when, for a person. */
  public String told(Instant now) {
    long seconds = Math.max(0, Duration.between(since, now).toSeconds());
    String ago = seconds < 120 ? seconds + " s" : seconds / 60 + " min";
    return owner + " (" + purpose + ", for " + ago + ")";
  }
}
