package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.VendorCalls;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A machine as Fly.io shows it.
 *
 * @param instance the id of its version: another after each update
 * @param digest what the image's name meant when it was started; empty when it is not told
 * @param failing the checks that do not pass, each with its status; empty when all do
 */
record Machine(
    String id,
    String state,
    String instance,
    String digest,
    MachineConfig config,
    List<String> failing,
    Optional<Instant> updated) {

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
        new MachineConfig(VendorCalls.object(json.path("config"))),
        failing,
        VendorCalls.instant(json.path("updated_at")));
  }

  boolean exists() {
    return !state.equals("destroyed") && !state.equals("destroying");
  }

  boolean started() {
    return state.equals("started");
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

  /**
   * What its state means.
   *
   * @param settled whether it has had its time to start: one that is stopped then stays so
   */
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
}
