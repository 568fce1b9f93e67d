package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.image.ImageReference;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fly.io's configuration of a machine, which is always sent back whole. */
record MachineConfig(ObjectNode json) {
  /** The entry of its metadata with the version of the secrets that its next start must have. */
  static final String SECRETS_VERSION = "mcpist_secrets_version";

  /** The image as it is named there. */
  Optional<ImageReference> image() {
    try {
      return Optional.of(ImageReference.parse(json.path("image").asString("")));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** The version of the app's secrets that it must start with; empty where none is known. */
  OptionalInt secretsVersion() {
    String version = json.path("metadata").path(SECRETS_VERSION).asString("");
    return version.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(version))
        : OptionalInt.empty();
  }

  Map<String, String> env() {
    Map<String, String> env = new TreeMap<>();
    json.path("env").properties().forEach(e -> env.put(e.getKey(), e.getValue().asString("")));
    return env;
  }

  /** With that image and those variables set, and everything else as it is. */
  MachineConfig with(ImageReference image, Map<String, String> variables) {
    ObjectNode changed = json.deepCopy();
    changed.put("image", image.toString());
    if (!variables.isEmpty()) {
      ObjectNode env =
          changed.path("env") instanceof ObjectNode there ? there : changed.putObject("env");
      variables.forEach(env::put);
    }
    return new MachineConfig(changed);
  }

  /** With that image, those variables and no others, and everything else as it is. */
  MachineConfig withOnly(ImageReference image, Map<String, String> variables) {
    ObjectNode changed = json.deepCopy();
    changed.remove("env");
    return new MachineConfig(changed).with(image, variables);
  }

  /** Whether it is one that flyctl makes for a task of its own. */
  boolean isTemporary() {
    String group = json.path("metadata").path("fly_process_group").asString("");
    return group.equals("fly_app_release_command") || group.equals("fly_app_console");
  }

  /** What differs, for a person: the image and the names of variables. */
  String difference(MachineConfig other) {
    StringBuilder text = new StringBuilder();
    JsonNode image = other.json.path("image");
    if (!image.equals(json.path("image"))) {
      text.append("image ").append(image.asString(""));
    }
    Map<String, String> before = env();
    Map<String, String> after = other.env();
    before.keySet().stream()
        .filter(key -> !after.containsKey(key))
        .forEach(k -> add(text, "-" + k));
    after.entrySet().stream()
        .filter(e -> !e.getValue().equals(before.get(e.getKey())))
        .forEach(e -> add(text, e.getKey()));
    return text.toString();
  }

  private static void add(StringBuilder text, String variable) {
    String before = text.indexOf("env ") >= 0 ? ", " : text.isEmpty() ? "env " : "; env ";
    text.append(before).append(variable);
  }
}
