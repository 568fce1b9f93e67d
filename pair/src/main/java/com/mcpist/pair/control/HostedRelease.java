package com.mcpist.pair.control;

import com.mcpist.deploy.platform.Release.State;
import java.time.Instant;
import java.util.Map;

/**
 * A release of an origin of this machine.
 *
 * @param id the supervisor's own
 * @param digest of its folder
 * @param told in a word or two
 * @param detail why, or empty
 * @param runs whether it is what the origin runs now
 * @param env its variables that are no secrets
 */
public record HostedRelease(
    String id,
    String digest,
    State state,
    String told,
    String detail,
    boolean runs,
    Instant created,
    Map<String, String> env) {
  public HostedRelease {
    env = Map.copyOf(env);
  }

  /**
   * A release on its way.
   *
   * @param id the release's
   * @param unchanged whether it ran, or was on its way, already
   */
  public record Rollout(String id, boolean unchanged) {}
}
