package com.mcpist.origin.mount;

import static java.util.stream.Collectors.groupingBy;

import com.mcpist.module.Tool.Effect;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mcp.MirroredHeaders;
import com.mcpist.origin.mount.client.Hello;
import com.mcpist.origin.mount.client.MountConfig.Entry;
import com.mcpist.origin.mount.client.MountConfig.ToolRule;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeType;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is offered of a mounted server: by what it has listed, what was approved of that, and the
 * file's rules. A client that reads strictly would refuse a whole list for one entry that is not as
 * MCP has it, so what is not is left out.
 */
record Offer(
    List<MountedTool> tools,
    List<MountedPrompt> prompts,
    List<ObjectNode> resources,
    List<ObjectNode> templates,
    JsonNode about) {
  static final Offer NOTHING = new Offer(List.of(), List.of(), List.of(), List.of(), Json.object());

  /** As the file says it. */
  private static final Map<Effect, String> EFFECTS =
      Map.of(
          Effect.READS, "reads",
          Effect.ACTS_OUTSIDE_IDEMPOTENTLY, "idempotent",
          Effect.ACTS_OUTSIDE, "once");

  private static final int LONGEST_NAME = 64;
  private static final int HASH = 8;

  /** Of what is no more than told to people and models. */
  private static final Map<String, JsonNodeType> TYPES =
      Map.of(
          "title", JsonNodeType.STRING,
          "description", JsonNodeType.STRING,
          "mimeType", JsonNodeType.STRING,
          "size", JsonNodeType.NUMBER,
          "annotations", JsonNodeType.OBJECT,
          "execution", JsonNodeType.OBJECT,
          "_meta", JsonNodeType.OBJECT,
          "icons", JsonNodeType.ARRAY,
          "arguments", JsonNodeType.ARRAY,
          "outputSchema", JsonNodeType.OBJECT);

  private static final List<String> HINTS =
      List.of("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint");

  /** How a tool stands to what was approved of it. */
  enum Approval {
    APPROVED,
    /** It was changed, and is offered as it is now. */
    CHANGED,
    /** It was changed, and is listed as it was approved, and not run. */
    HELD
  }

  /** A tool by its server's name; the definition has the name by which clients know it. */
  record MountedTool(String name, ObjectNode definition, Effect effect, Approval approval) {
    String offeredAs() {
      return definition.path("name").asString();
    }
  }

  record MountedPrompt(String name, ObjectNode definition) {
    String offeredAs() {
      return definition.path("name").asString();
    }
  }

  /**
   * Seen is as {@link Lists} reads it; approved has definitions by name; taken are others' names.
   */
  static Offer of(Entry entry, ObjectNode seen, ObjectNode approved, Set<String> taken) {
    Map<String, JsonNode> tools = byName(seen.path(Lists.TOOLS), "name");
    Map<String, String> toolNames = names(entry.name(), tools.keySet(), taken);
    List<MountedTool> offered = new ArrayList<>();
    tools.forEach(
        (name, now) -> {
          JsonNode then = approved.path(name);
          boolean changed = then.isObject() && !then.equals(now);
          boolean held = changed && entry.pin();
          Approval approval = held ? Approval.HELD : changed ? Approval.CHANGED : Approval.APPROVED;
          offered.add(
              tool(
                  name,
                  toolNames.getOrDefault(name, name),
                  held ? then : now,
                  entry.tools().get(name),
                  approval));
        });
    Map<String, JsonNode> prompts = byName(seen.path(Lists.PROMPTS), "name");
    Map<String, String> promptNames = names(entry.name(), prompts.keySet(), taken);
    return new Offer(
        List.copyOf(offered),
        prompts.entrySet().stream()
            .map(p -> prompt(p.getKey(), promptNames.getOrDefault(p.getKey(), ""), p.getValue()))
            .toList(),
        resources(seen.path(Lists.RESOURCES), "uri"),
        resources(seen.path(Lists.TEMPLATES), "uriTemplate"),
        about(seen));
  }

  /** What was seen, without the lists. */
  private static ObjectNode about(ObjectNode seen) {
    ObjectNode about = Json.object().setAll(seen);
    about.remove(List.of(Lists.TOOLS, Lists.PROMPTS, Lists.RESOURCES, Lists.TEMPLATES));
    return about;
  }

  boolean has(String capability) {
    return about.path("capabilities").has(capability);
  }

  /** Whether it can be asked to tell of changes: by a request, as it is before 2026-07-28. */
  boolean tellsOfResources() {
    return about.at("/capabilities/resources/subscribe").asBoolean(false)
        && !revision().equals(Hello.MODERN);
  }

  String revision() {
    return about.path("revision").asString("");
  }

  String instructions() {
    return about.path("instructions").asString("");
  }

  JsonNode server() {
    return about.path("server");
  }

  /** The tools, for those who run this. */
  List<ObjectNode> told() {
    return tools.stream()
        .map(
            tool ->
                Json.object()
                    .put("name", tool.name())
                    .put("offeredAs", tool.offeredAs())
                    .put("effect", EFFECTS.get(tool.effect()))
                    .put("state", tool.approval().name().toLowerCase(Locale.ROOT)))
        .toList();
  }

  private static Map<String, JsonNode> byName(JsonNode list, String key) {
    Map<String, JsonNode> named = new LinkedHashMap<>();
    for (JsonNode entry : list) {
      String name = entry.path(key).stringValueOpt().orElse("");
      if (!name.isEmpty()) {
        named.putIfAbsent(name, entry);
      }
    }
    return named;
  }

  /**
   * The names by which clients know them: the mount's and theirs, of characters that all clients
   * take. Where that is too long, or another's, it ends in a hash of the name; so it depends on
   * what else there is as little as can be.
   */
  private static Map<String, String> names(String mount, Set<String> names, Set<String> taken) {
    Map<String, List<String>> alike = names.stream().collect(groupingBy(n -> joined(mount, n)));
    Map<String, String> offered = new LinkedHashMap<>();
    for (String name : names) {
      String plain = joined(mount, name);
      boolean alone =
          alike.getOrDefault(plain, List.of()).size() == 1 || plain.endsWith("_" + name);
      offered.put(
          name,
          alone && plain.length() <= LONGEST_NAME && !taken.contains(plain)
              ? plain
              : plain.substring(0, Math.min(plain.length(), LONGEST_NAME - HASH - 1))
                  + "_"
                  + hash(name));
    }
    return offered;
  }

  private static String joined(String mount, String name) {
    return mount + "_" + name.replaceAll("[^A-Za-z0-9_-]", "_");
  }

  private static String hash(String name) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, HASH / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }

  private static MountedTool tool(
      String name, String offeredAs, JsonNode given, @Nullable ToolRule rule, Approval approval) {
    ObjectNode definition = sound(given);
    definition.put("name", offeredAs);
    ObjectNode input =
        given.get("inputSchema") instanceof ObjectNode schema
            ? Json.object().setAll(schema)
            : Json.object();
    definition.set("inputSchema", input.put("type", "object"));
    if (!has(definition.path("outputSchema"), "object")) {
      definition.remove("outputSchema"); // Clients of older revisions know no other.
    }
    try {
      MirroredHeaders.of(input);
    } catch (RuntimeException e) {
      definition.set("inputSchema", Json.object().put("type", "object"));
    }
    ObjectNode annotations = annotations(definition.path("annotations"));
    Effect effect = effect(annotations, rule);
    if (rule != null && rule.effect().isPresent()) {
      annotations.put("readOnlyHint", effect == Effect.READS);
      annotations.put("idempotentHint", effect != Effect.ACTS_OUTSIDE);
    }
    if (annotations.isEmpty()) {
      definition.remove("annotations");
    } else {
      definition.set("annotations", annotations);
    }
    return new MountedTool(name, definition, effect, approval);
  }

  private static boolean has(JsonNode schema, String type) {
    return schema.path("type").stringValueOpt().filter(type::equals).isPresent();
  }

  private static ObjectNode annotations(JsonNode given) {
    ObjectNode annotations = Json.object();
    given
        .properties()
        .forEach(
            entry -> {
              String name = entry.getKey();
              boolean sound =
                  HINTS.contains(name)
                      ? entry.getValue().isBoolean()
                      : !name.equals("title") || entry.getValue().isString();
              if (sound) {
                annotations.set(name, entry.getValue());
              }
            });
    return annotations;
  }

  /** A tool that is given a key can be run again with it. */
  private static Effect effect(ObjectNode annotations, @Nullable ToolRule rule) {
    if (rule != null && rule.effect().isPresent()) {
      return rule.effect().get();
    }
    if (annotations.path("readOnlyHint").asBoolean(false)) {
      return Effect.READS;
    }
    boolean again =
        annotations.path("idempotentHint").asBoolean(false)
            || (rule != null && rule.key().isPresent());
    return again ? Effect.ACTS_OUTSIDE_IDEMPOTENTLY : Effect.ACTS_OUTSIDE;
  }

  private static MountedPrompt prompt(String name, String offeredAs, JsonNode given) {
    ObjectNode definition = sound(given).put("name", offeredAs);
    if (!definition.path("arguments").valueStream().allMatch(a -> a.path("name").isString())) {
      definition.remove("arguments");
    }
    return new MountedPrompt(name, definition);
  }

  private static List<ObjectNode> resources(JsonNode list, String key) {
    List<ObjectNode> resources = new ArrayList<>();
    byName(list, key)
        .forEach(
            (uri, given) -> {
              ObjectNode definition = sound(given);
              if (!definition.path("name").isString()) {
                definition.put("name", uri);
              }
              resources.add(definition);
            });
    return List.copyOf(resources);
  }

  /** A copy, without what is not of the type that MCP gives it. */
  private static ObjectNode sound(JsonNode given) {
    ObjectNode sound = Json.object();
    given
        .properties()
        .forEach(
            entry -> {
              JsonNodeType type = TYPES.get(entry.getKey());
              if (type == null || type == entry.getValue().getNodeType()) {
                sound.set(entry.getKey(), entry.getValue());
              }
            });
    return sound;
  }
}
