package com.mcpist.deploy.platform.koyeb;

import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.VendorCalls;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A deployment as Koyeb shows it. */
record KoyebDeployment(
    String id, String status, Definition definition, String messages, Optional<Instant> created) {

  static KoyebDeployment of(JsonNode json) {
    List<String> messages = new ArrayList<>();
    json.path("messages").forEach(message -> messages.add(message.asString("")));
    return new KoyebDeployment(
        json.path("id").asString(""),
        json.path("status").asString(""),
        new Definition(VendorCalls.object(json.path("definition"))),
        String.join("; ", messages),
        VendorCalls.instant(json.path("created_at")));
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

  /** Whether Koyeb still takes a cancellation. */
  boolean cancellable() {
    return switch (status) {
      case "PENDING", "PROVISIONING", "SCHEDULED" -> true;
      default -> false;
    };
  }

  boolean canceled() {
    return status.equals("CANCELED") || status.equals("CANCELING");
  }

  Step step() {
    return new Step(id, state(), status, messages);
  }

  Release release() {
    return new Release(
        id, definition.image(), state(), status, messages, created, definition.env());
  }
}
