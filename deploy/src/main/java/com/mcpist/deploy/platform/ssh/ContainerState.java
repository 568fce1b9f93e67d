package com.mcpist.deploy.platform.ssh;

import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout.Step;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;

/**
 * How a container is.
 *
 * @param serving whether it has the origin's port; else it is one that is tried beside
 * @param healthy what the image's own check says
 * @param release its release's id
 * @param status the engine's word
 * @param exitCode of its last end
 * @param restarts how often it was started again by itself
 */
record ContainerState(
    boolean serving,
    boolean healthy,
    String release,
    String status,
    String exitCode,
    String restarts) {
  private static final Set<String> ENDED = Set.of("exited", "stopped", "dead", "gone");

  /** From {@code ROLE HEALTH ID STATUS EXITCODE RESTARTS}. */
  static ContainerState parse(String line) {
    // One that is removed meanwhile has no more than the first two.
    String[] words = Arrays.copyOf(line.strip().split(" ", 6), 6);
    return new ContainerState(
        "serving".equals(words[0]),
        "yes".equals(words[1]),
        Objects.requireNonNullElse(words[2], ""),
        Objects.requireNonNullElse(words[3], "gone"),
        Objects.requireNonNullElse(words[4], ""),
        Objects.requireNonNullElse(words[5], "0"));
  }

  /** For whoever looks once. */
  State meaning() {
    if (healthy) {
      return State.HEALTHY;
    }
    return status.equals("running") ? State.UNHEALTHY : State.STOPPED;
  }

  /**
   * For whoever waits. One that is tried and has ended stays so; one that serves is started again.
   *
   * @param logs how its logs are read
   */
  Step step(String logs) {
    if (!serving) {
      State state = ENDED.contains(status) ? State.FAILED : State.PROGRESSING;
      return new Step(
          release,
          state,
          healthy ? "healthy beside" : status + " beside",
          state == State.FAILED ? "exit code " + exitCode + "; its logs: " + logs : "");
    }
    return new Step(release, healthy ? State.HEALTHY : State.UNHEALTHY, status, detail());
  }

  /** Why it may not be well; else empty. */
  String detail() {
    String restarted = restarts.equals("0") ? "" : "started again " + restarts + " times";
    return healthy
        ? ""
        : status.equals("running") && restarted.isEmpty() ? "not healthy" : restarted;
  }
}
