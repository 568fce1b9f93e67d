package com.mcpist.deploy.admin;

import com.mcpist.deploy.platform.VendorCalls;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Something that has happened.
 *
 * @param kind which sort of thing, as {@code verification-failed}
 * @param origin where, when it is one origin's
 * @param at by the database's clock
 */
public record Event(String kind, Optional<String> origin, String message, Optional<Instant> at) {
  static Event of(JsonNode json) {
    return new Event(
        json.path("kind").asString(""),
        Optional.of(json.path("origin").asString("")).filter(name -> !name.isEmpty()),
        json.path("message").asString(""),
        VendorCalls.instant(json.path("at")));
  }
}
