package com.mcpist.pair.control;

import com.mcpist.deploy.platform.Platform.Release.State;
import java.time.Instant;
import java.util.Map;

/**
 * A release of an origin of this machine.
 *
 * @param digest of its folder
 * @param told the state in a word or two; the detail is why, or empty
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
  /** A release on its way; unchanged where it ran, or was on its way, already. */
  public record Rollout(String id, boolean unchanged) {}
}
