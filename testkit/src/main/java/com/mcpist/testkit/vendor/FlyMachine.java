package com.mcpist.testkit.vendor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A machine of the stand-in for Fly.io. It goes one state on each time that it is looked at. */
final class FlyMachine {
  private final String id;
  private final String region;
  private final List<JsonNode> configs = new ArrayList<>();
  private final List<String> states = new ArrayList<>(List.of("started"));
  private final List<String> checks = new ArrayList<>(List.of("passing"));

  /** Of the process that the last update started; 0: it has not ended. */
  private int exitCode;

  private boolean cordoned;
  private String nonce = "";
  private String description = "";
  private String owner = "";
  private Instant expires = Instant.EPOCH;
  private String resolved = "";

  FlyMachine(String id, String region, JsonNode config) {
    this.id = id;
    this.region = region;
    configs.add(config);
  }

  String id() {
    return id;
  }

  void resolvedTo(String digest) {
    resolved = digest;
  }

  String region() {
    return region;
  }

  String state() {
    return states.getFirst();
  }

  void states(List<String> all) {
    states.clear();
    states.addAll(all);
  }

  JsonNode config() {
    return configs.getLast();
  }

  List<JsonNode> configs() {
    return configs;
  }

  String instance() {
    return version(configs.size() - 1);
  }

  String version(int index) {
    return "01J%s%06d".formatted(id.toUpperCase(java.util.Locale.ROOT), index);
  }

  boolean cordoned() {
    return cordoned;
  }

  void cordon(boolean closed) {
    cordoned = closed;
  }

  boolean isLeased(Instant now) {
    return !nonce.isEmpty() && now.isBefore(expires);
  }

  boolean isLeasedByOther(Instant now, String claimed) {
    return isLeased(now) && !nonce.equals(claimed);
  }

  void lease(String newNonce, String by, String why, Instant until) {
    nonce = newNonce;
    owner = by;
    description = why;
    expires = until;
  }

  void release() {
    nonce = "";
  }

  String nonce() {
    return nonce;
  }

  ObjectNode leaseJson() {
    ObjectNode body = Reply.object().put("status", "success");
    body.putObject("data")
        .put("nonce", nonce)
        .put("expires_at", expires.getEpochSecond())
        .put("owner", owner)
        .put("description", description)
        .put("version", instance());
    return body;
  }

  void update(JsonNode config, List<String> newStates, List<String> newChecks, int exit) {
    configs.add(config);
    exitCode = exit;
    states(newStates);
    checks.clear();
    checks.addAll(newChecks);
  }

  /** Its metadata is of its configuration, and no version of it. */
  void mark(String key, String value) {
    ObjectNode config = (ObjectNode) config().deepCopy();
    config.withObject("metadata").put(key, value);
    configs.set(configs.size() - 1, config);
  }

  /** One state on, or one status of the check when it has started and its process answers. */
  void step(boolean answers) {
    if (states.size() > 1) {
      states.removeFirst();
    } else if (checks.size() > 1 && answers) {
      checks.removeFirst();
    }
  }

  ObjectNode json() {
    String image = config().path("image").asString("");
    ObjectNode json =
        Reply.object()
            .put("id", id)
            .put("name", "machine-" + id)
            .put("state", state())
            .put("region", region)
            .put("instance_id", instance())
            .put("updated_at", "2026-11-25T00:00:00Z");
    json.putObject("image_ref")
        .put("repository", image.replaceFirst("[:@].*", ""))
        .put("digest", resolved.isEmpty() ? image.replaceFirst("[^@]*@?", "") : resolved);
    json.set("config", config());
    if (state().equals("started")) {
      json.putArray("checks").addObject().put("name", "health").put("status", checks.getFirst());
    }
    ArrayNode events = json.putArray("events");
    if (exitCode != 0) {
      ObjectNode exit = events.addObject().put("type", "exit");
      exit.putObject("request")
          .putObject("exit_event")
          .put("exit_code", exitCode)
          .put("requested_stop", false);
    }
    events.addObject().put("type", "update");
    // That of the instance before, which its crash or the update has ended.
    events
        .addObject()
        .put("type", "exit")
        .putObject("request")
        .putObject("exit_event")
        .put("exit_code", 9)
        .put("requested_stop", false);
    return json;
  }
}
