package com.mcpist.deploy.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * API keys: those that work first, then the newest.
 *
 * @param keys as many as were asked for
 * @param total how many there are, revoked and expired ones among them
 * @param working how many work
 */
public record KeyList(List<KeyRecord> keys, long total, long working) {
  /** As given. */
  public KeyList {
    keys = List.copyOf(keys);
  }

  /**
   * As an origin answers. One of an earlier release counts nothing: what it lists is all that is
   * known of it.
   */
  static KeyList of(JsonNode json, Instant now) {
    List<KeyRecord> keys = new ArrayList<>();
    json.path("keys").forEach(key -> keys.add(KeyRecord.of(key)));
    return new KeyList(
        keys,
        json.path("total").asLong(keys.size()),
        json.path("working").asLong(keys.stream().filter(key -> key.works(now)).count()));
  }
}
