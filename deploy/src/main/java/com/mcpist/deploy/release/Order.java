package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.image.ImageReference;

public record Order(
    Action action,
    ImageReference image,
    String release,
    Strategy strategy,
    Set<String> only,
    Set<String> secrets,
    Terms terms) {

  public enum Strategy {
    SIMULTANEOUS,
    /** From the last origin to the first: the standby shows first whether the release is bad. */
    STANDBY_FIRST;

    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Force: also where nobody might serve, without admin path, or where secrets changed. */
  public record Terms(
      boolean force, boolean verify, String who, Optional<String> run, Limits limits) {}

  /** For the rollout, for a check that fails after it, and for somebody else's lock. */
  public record Limits(Duration rollout, Duration verification, Duration lock) {}

  public boolean includes(String origin) {
    return only.isEmpty() || only.contains(origin);
  }

  public String digest() {
    return image.digest().orElseThrow();
  }

  public String told() {
    return action.name().toLowerCase(Locale.ROOT) + " of " + release;
  }
}
