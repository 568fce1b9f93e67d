package com.mcpist.deploy.platform.ssh;

import com.mcpist.deploy.image.ImageReference;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A release as the host keeps it: on its container's label, and in a file once it has served.
 *
 * @param id its file's name; they sort by time
 * @param image by digest
 * @param env its variables that are no secrets
 */
record HostRelease(String id, ImageReference image, Instant created, Map<String, String> env) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  static HostRelease of(ImageReference image, Map<String, String> env, Instant now) {
    String id = TIME.format(now) + "-" + UUID.randomUUID().toString().substring(0, 8);
    return new HostRelease(id, image, now.truncatedTo(ChronoUnit.MILLIS), env);
  }

  /** As it was kept; empty where that is something else. */
  static Optional<HostRelease> parse(String text) {
    try {
      JsonNode json = JsonMapper.shared().readTree(text);
      Map<String, String> env = new TreeMap<>();
      json.path("env").properties().forEach(e -> env.put(e.getKey(), e.getValue().asString("")));
      return Optional.of(
          new HostRelease(
              json.path("id").asString(),
              ImageReference.parse(json.path("image").asString()),
              Instant.parse(json.path("created").asString()),
              env));
    } catch (JacksonException
        | IllegalArgumentException
        | java.time.format.DateTimeParseException _) {
      return Optional.empty();
    }
  }

  String json() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("id", id).put("image", image.toString()).put("created", created.toString());
    ObjectNode variables = json.putObject("env");
    new TreeMap<>(env).forEach(variables::put);
    return json.toString();
  }

  /** Whether that image with those variables would be the same, whatever else there is. */
  boolean has(ImageReference wanted, Map<String, String> variables) {
    return image.equals(wanted) && env.entrySet().containsAll(variables.entrySet());
  }
}
