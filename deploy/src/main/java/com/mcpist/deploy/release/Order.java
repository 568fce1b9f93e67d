package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.image.ImageReference;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What the origins are to get.
 *
 * @param image by digest
 * @param only the origins that get it; empty: all
 * @param secrets the names of the origins' secrets
 */
public record Order(
    Action action,
    ImageReference image,
    String release,
    Strategy strategy,
    Set<String> only,
    Set<String> secrets,
    Terms terms) {

  public enum Strategy {
    /** On all origins at the same time. */
    SIMULTANEOUS,
    /**
     * From the last origin to the first, each once the one before is verified: the primary is left
     * alone when the standby shows that the release is bad.
     */
    STANDBY_FIRST;

    /** As it is written on the command line. */
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
   * @param run what several commands that belong together have in common; empty for one alone
   */
  public record Terms(
      boolean force, boolean verify, String who, Optional<String> run, Limits limits) {}

  /**
   * How long things may take.
   *
   * @param rollout from the start until all have the release and are healthy
   * @param verification how long a check may fail once they are
   * @param lock how long to wait for somebody else's deployment
   */
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
