package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.image.ImageReference;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

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
    /**
     * From the last origin to the first, each once the one before is verified: the primary is left
     * alone when the standby shows that the release is bad.
     */
    STANDBY_FIRST;

    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * How anything is deployed, the origins or the Worker.
   *
   * @param force also where nobody might serve for a while, without the origins' admin path, or
   *     with secrets that have changed since
   * @param verify whether it is verified, and taken back where it is bad
   */
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
