package com.mcpist.pair.rollout;

import com.mcpist.deploy.image.ImageReference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an origin runs, or has run.
 *
 * @param id the supervisor's own
 * @param image by digest
 * @param folder where that is
 * @param env its variables that are no secrets and not the supervisor's
 */
public record OriginRelease(
    String id, ImageReference image, Path folder, Map<String, String> env, Instant created) {
  /** As given, the variables in alphabetical order. */
  public OriginRelease {
    env = Collections.unmodifiableMap(new TreeMap<>(env));
  }

  /** Whether both are the same image with the same variables. */
  boolean sameAs(OriginRelease other) {
    return image.sameImage(other.image) && env.equals(other.env);
  }

  String digest() {
    return image.digest().orElseThrow();
  }

  /** What people call it. */
  String name() {
    return env.getOrDefault("RELEASE", id);
  }
}
