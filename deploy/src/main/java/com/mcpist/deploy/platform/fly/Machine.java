package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.VendorCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The digest is what the image's name meant when it was started; empty when it is not told. */
record Machine(
    String id, String state, String instance, String digest, Config config, List<String> failing) {

  static Machine of(JsonNode json) {
    List<String> failing = new ArrayList<>();
    for (JsonNode check : json.path("checks")) {
      String status = check.path("status").asString("");
      if (!status.equals("passing")) {
        failing.add(check.path("name").asString("") + " is " + status);
      }
    }
    return new Machine(
        json.path("id").asString(""),
        json.path("state").asString(""),
        json.path("instance_id").asString(""),
        json.path("image_ref").path("digest").asString(""),
        new Config(VendorCalls.object(json.path("config"))),
        failing);
  }

  boolean exists() {
    return !state.equals("destroyed") && !state.equals("destroying");
  }

  /** The image by digest, as far as that is known. */
  Optional<ImageReference> image() {
    return config
        .image()
        .map(
            named ->
                named.digest().isEmpty() && ImageReference.isDigest(digest)
                    ? named.withDigest(digest)
                    : named);
  }

  State meaning(boolean settled) {
    return switch (state) {
      case "started" -> failing.isEmpty() ? State.HEALTHY : State.UNHEALTHY;
      case "failed", "destroyed", "destroying" -> State.FAILED;
      case "stopped", "suspended" -> settled ? State.FAILED : State.PROGRESSING;
      default -> State.PROGRESSING;
    };
  }

  Step step(boolean settled) {
    return new Step("machine " + id, meaning(settled), state, String.join(", ", failing));
  }

  /** Fly.io's configuration of a machine, which is always sent back whole. */
  record Config(ObjectNode json) {
    /** The entry of its metadata with the version of the secrets that its next start must have. */
    static final String SECRETS_VERSION = "mcpist_secrets_version";

    Optional<ImageReference> image() {
      return ImageReference.find(json.path("image").asString(""));
    }

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

    Config with(ImageReference image, Map<String, String> variables) {
      ObjectNode changed = json.deepCopy();
      changed.put("image", image.toString());
      if (!variables.isEmpty()) {
        ObjectNode env =
            changed.path("env") instanceof ObjectNode there ? there : changed.putObject("env");
        variables.forEach(env::put);
      }
      return new Config(changed);
    }

    /** With that image, those variables and no others, and everything else as it is. */
    Config withOnly(ImageReference image, Map<String, String> variables) {
      ObjectNode changed = json.deepCopy();
      changed.remove("env");
      return new Config(changed).with(image, variables);
    }

    /** Whether it is one that flyctl makes for a task of its own. */
    boolean isTemporary() {
      String group = json.path("metadata").path("fly_process_group").asString("");
      return group.equals("fly_app_release_command") || group.equals("fly_app_console");
    }

    /** What differs, for a person: the image and the names of variables. */
    String difference(Config other) {
      List<String> parts = new ArrayList<>();
      if (!other.json.path("image").equals(json.path("image"))) {
        parts.add("image " + other.json.path("image").asString(""));
      }
      Map<String, String> before = env();
      Map<String, String> after = other.env();
      List<String> variables = new ArrayList<>();
      before.keySet().stream()
          .filter(key -> !after.containsKey(key))
          .forEach(key -> variables.add("-" + key));
      after.forEach(
          (key, value) -> {
            if (!value.equals(before.get(key))) {
              variables.add(key);
            }
          });
      if (!variables.isEmpty()) {
        parts.add("env " + String.join(", ", variables));
      }
      return String.join("; ", parts);
    }
  }
}
