package com.mcpist.deploy.edgeclient;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What an edge sees.
 *
 * @param calls what has become of its clients' calls since it started, where it tells
 * @param lastTick when its cron trigger has last recorded that it runs, where it has one
 */
public record EdgeStatus(
    List<Seen> origins, Optional<Calls> calls, Optional<String> release, Optional<Tick> lastTick) {
  /**
   * @param state healthy, suspect, unhealthy or drained
   */
  public record Seen(
      String name, String state, boolean active, String release, Optional<String> lastFailure) {}

  /**
   * @param at in ISO 8601, UTC
   */
  public record Tick(String at, String release) {
    public String told() {
      return "it has last run as " + release + ", at " + at;
    }
  }

  /**
   * Counts.
   *
   * @param answered calls that a client got an answer to, of any kind
   * @param failed those of them whose answer was an error of the origin's or the edge's
   */
  public record Calls(long answered, long failed, long replayed) {
    /** What has come since; all of it where the edge has started anew. */
    public Calls since(Calls before) {
      return answered < before.answered
          ? this
          : new Calls(
              answered - before.answered, failed - before.failed, replayed - before.replayed);
    }
  }

  public Optional<Seen> origin(String name) {
    return origins.stream().filter(origin -> origin.name().equals(name)).findFirst();
  }

  static EdgeStatus of(JsonNode json) {
    List<Seen> origins = new ArrayList<>();
    for (JsonNode origin : json.path("origins")) {
      JsonNode failure = origin.path("lastFailure");
      origins.add(
          new Seen(
              origin.path("name").asString(""),
              origin.path("state").asString(""),
              origin.path("active").asBoolean(false),
              origin.path("release").asString(""),
              failure.isObject()
                  ? Optional.of(
                      failure.path("reason").asString("") + ", " + failure.path("at").asString(""))
                  : Optional.empty()));
    }
    JsonNode calls = json.path("calls");
    return new EdgeStatus(
        origins,
        calls.isObject()
            ? Optional.of(
                new Calls(
                    calls.path("answered").asLong(0),
                    calls.path("failed").asLong(0),
                    calls.path("replayed").asLong(0)))
            : Optional.empty(),
        Optional.of(json.path("release").asString("")).filter(name -> !name.isEmpty()),
        tick(json.path("cron")));
  }

  private static Optional<Tick> tick(JsonNode json) {
    return json.isObject()
        ? Optional.of(new Tick(json.path("at").asString(""), json.path("release").asString("")))
        : Optional.empty();
  }
}
