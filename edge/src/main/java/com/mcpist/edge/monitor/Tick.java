package com.mcpist.edge.monitor;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an origin's heartbeat says.
 *
 * @param instance the process that says it
 * @param draining whether it stops
 * @param database whether its database answers
 */
record Tick(String instance, boolean draining, boolean database) {
  /**
   * Reads the data of an event.
   *
   * @throws JacksonException when that is no JSON
   */
  static Tick of(String json) {
    JsonNode tick = JsonMapper.shared().readTree(json);
    return new Tick(
        tick.path("instance").asString(""),
        tick.path("draining").asBoolean(false),
        tick.path("database").asBoolean(false));
  }

  /** Whether it is another process's, and that one can take the place of the one that stops. */
  boolean takesOverFrom(String leaving) {
    return !instance.equals(leaving) && !draining && database;
  }
}
