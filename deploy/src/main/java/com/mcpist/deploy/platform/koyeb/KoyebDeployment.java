package com.mcpist.deploy.platform.koyeb;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.VendorCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

record KoyebDeployment(String id, String status, Definition definition, String messages) {

  static KoyebDeployment of(JsonNode json) {
    List<String> messages = new ArrayList<>();
    json.path("messages").forEach(message -> messages.add(message.asString("")));
    return new KoyebDeployment(
        json.path("id").asString(""),
        json.path("status").asString(""),
        new Definition(VendorCalls.object(json.path("definition"))),
        String.join("; ", messages));
  }

  /** Only HEALTHY is success. A word that is not known may be one of a step on the way. */
  State state() {
    return switch (status) {
      case "HEALTHY" -> State.HEALTHY;
      case "DEGRADED", "UNHEALTHY" -> State.UNHEALTHY;
      case "ERROR", "ERRORING", "CANCELED", "CANCELING", "STASHED", "SLEEPING" -> State.FAILED;
      case "STOPPING", "STOPPED" -> State.STOPPED;
      default -> State.PROGRESSING;
    };
  }

  boolean canceled() {
    return status.equals("CANCELED") || status.equals("CANCELING");
  }

  Step step() {
    return new Step(id, state(), status, messages);
  }

  Release release() {
    return new Release(id, definition.image(), state(), status, messages, definition.env());
  }

  /** Koyeb's definition of a deployment, which is always sent back whole. */
  record Definition(ObjectNode json) {

    /** Whether it runs an image and is not built from sources. */
    boolean runsAnImage() {
      return json.path("docker").path("image").isString();
    }

    Optional<ImageReference> image() {
      return ImageReference.find(json.path("docker").path("image").asString(""));
    }

    /** The name of the secret that is shown to the image's registry. */
    Optional<String> registrySecret() {
      return Optional.of(json.path("docker").path("image_registry_secret").asString(""))
          .filter(name -> !name.isEmpty());
    }

    /** The variables that are no references to secrets. */
    Map<String, String> env() {
      Map<String, String> env = new TreeMap<>();
      for (JsonNode variable : json.path("env")) {
        if (variable.path("secret").asString("").isEmpty()) {
          env.put(variable.path("key").asString(""), variable.path("value").asString(""));
        }
      }
      return env;
    }

    Definition with(Wanted wanted, UnaryOperator<String> secretName) {
      ObjectNode changed = json.deepCopy();
      changed.withObject("docker").put("image", wanted.image().toString());
      ArrayNode env = changed.withArray("env");
      wanted.env().forEach((key, value) -> entry(env, key).put("value", value).remove("secret"));
      for (String key : wanted.secrets()) {
        entry(env, key).put("secret", secretName.apply(key)).remove("value");
      }
      return new Definition(changed);
    }

    /** A variable's entry, new where there is none: its scopes stay. */
    private static ObjectNode entry(ArrayNode env, String key) {
      for (JsonNode variable : env) {
        if (variable instanceof ObjectNode entry && variable.path("key").asString("").equals(key)) {
          return entry;
        }
      }
      return env.addObject().put("key", key);
    }

    /** What differs, for a person: the image and the names of variables. */
    String difference(Definition other) {
      List<String> parts = new ArrayList<>();
      if (!image().equals(other.image())) {
        parts.add("image " + other.image().map(ImageReference::toString).orElse("none"));
      }
      Map<String, JsonNode> changed = other.entries();
      changed.entrySet().removeAll(entries().entrySet());
      if (!changed.isEmpty()) {
        parts.add("env " + String.join(", ", changed.keySet()));
      }
      return String.join("; ", parts);
    }

    private Map<String, JsonNode> entries() {
      Map<String, JsonNode> entries = new TreeMap<>();
      json.path("env").forEach(entry -> entries.put(entry.path("key").asString(""), entry));
      return entries;
    }
  }
}
