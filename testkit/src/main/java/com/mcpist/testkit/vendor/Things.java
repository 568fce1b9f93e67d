package com.mcpist.testkit.vendor;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Things of one kind as Cloudflare keeps them: POST makes one, PUT and PATCH change it, DELETE
 * takes it away. What was not given has Cloudflare's default.
 */
final class Things {
  private static final Instant FIRST = Instant.parse("2026-11-25T00:00:00Z");

  private final String prefix;
  private final ObjectNode defaults;
  private final boolean dated;
  private final Map<String, ObjectNode> all = new LinkedHashMap<>();
  private int made;
  private int changes;

  /**
   * None yet.
   *
   * @param prefix what their ids begin with, eight hexadecimal digits
   * @param defaults a JSON object
   * @param dated whether they say when they were made and changed
   */
  Things(String prefix, String defaults, boolean dated) {
    this.prefix = prefix;
    this.defaults = (ObjectNode) JsonMapper.shared().readTree(defaults);
    this.dated = dated;
  }

  Collection<ObjectNode> all() {
    return all.values();
  }

  Optional<ObjectNode> find(String id) {
    return Optional.ofNullable(all.get(id));
  }

  void clear() {
    all.clear();
  }

  ArrayNode list() {
    ArrayNode list = Reply.object().arrayNode();
    all.values().forEach(list::add);
    return list;
  }

  ObjectNode add(JsonNode given) {
    String id = prefix + "%024x".formatted(++made);
    ObjectNode thing = set(Reply.object().put("id", id), defaults, given);
    if (dated) {
      thing.set("created_on", thing.get("modified_on"));
    }
    all.put(id, thing);
    return thing;
  }

  /** A request to one of them, or to all where there is no id. */
  Reply handle(Request request, String id) {
    if (id.isEmpty()) {
      return switch (request.method()) {
        case "GET" -> CloudflareServer.ok(list());
        case "POST" -> CloudflareServer.ok(add(request.body()));
        default -> CloudflareServer.error(405, 10405, "Method not allowed");
      };
    }
    ObjectNode thing = all.get(id);
    if (thing == null) {
      return CloudflareServer.error(404, 1001, "not found");
    }
    return switch (request.method()) {
      case "GET" -> CloudflareServer.ok(thing);
      case "PUT" -> CloudflareServer.ok(set(thing, defaults, request.body()));
      case "PATCH" -> CloudflareServer.ok(set(thing, request.body()));
      case "DELETE" -> {
        all.remove(id);
        yield CloudflareServer.ok(Reply.object().put("id", id));
      }
      default -> CloudflareServer.error(405, 10405, "Method not allowed");
    };
  }

  private ObjectNode set(ObjectNode thing, JsonNode... given) {
    for (JsonNode values : given) {
      values.deepCopy().properties().forEach(one -> thing.set(one.getKey(), one.getValue()));
    }
    if (dated) {
      thing.put("modified_on", now());
    }
    return thing;
  }

  private String now() {
    return FIRST.plusSeconds(++changes).toString();
  }
}
