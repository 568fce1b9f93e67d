package com.mcpist.pair.rollout;

import com.mcpist.deploy.platform.Release.State;
import java.time.Duration;

/**
 * How a release is, for whoever waits for it.
 *
 * @param told in a word or two
 * @param detail why, or empty
 */
record ReleaseState(State state, String told, String detail) {
  /** So often must its process die before it counts as one that never gets ready. */
  private static final int DEATHS = 3;

  /**
   * What a start may take before it counts as one that hangs: in place it waits for the calls of
   * the one before.
   */
  private static final Duration START = Duration.ofSeconds(40);

  /**
   * What is seen of the process of the release that runs.
   *
   * @param ready whether it answers that it is healthy
   * @param deaths since it was steadily ready
   * @param lastExit how the last one died
   * @param age of the release
   */
  record Seen(boolean ready, int deaths, String lastExit, Duration age) {}

  static ReleaseState of(ReleaseHistory.Entry entry, Seen seen) {
    return switch (entry.phase()) {
      case STARTING ->
          new ReleaseState(State.PROGRESSING, "starting", "the one before serves meanwhile");
      case RUNNING -> running(seen);
      case FAILED -> new ReleaseState(State.FAILED, "failed", entry.detail());
      case CALLED_OFF -> new ReleaseState(State.STOPPED, "called off", entry.detail());
      case REPLACED -> new ReleaseState(State.STOPPED, "replaced", "");
    };
  }

  /** Whether it dies again and again. */
  static boolean isHopeless(Seen seen) {
    return !seen.ready() && seen.deaths() >= DEATHS;
  }

  private static ReleaseState running(Seen seen) {
    if (seen.ready()) {
      return new ReleaseState(State.HEALTHY, "running", "");
    }
    if (isHopeless(seen)) {
      return new ReleaseState(
          State.FAILED, "crashing", "died " + seen.deaths() + " times, last " + seen.lastExit());
    }
    if (seen.deaths() > 0) {
      return new ReleaseState(State.UNHEALTHY, "died", seen.lastExit());
    }
    return seen.age().compareTo(START) < 0
        ? new ReleaseState(State.PROGRESSING, "starting", "")
        : new ReleaseState(State.UNHEALTHY, "not ready", "its health check does not pass");
  }
}
