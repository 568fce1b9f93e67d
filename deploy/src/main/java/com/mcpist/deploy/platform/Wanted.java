package com.mcpist.deploy.platform;

import com.mcpist.deploy.image.ImageReference;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an origin is to run.
 *
 * @param image by digest, in the repository that this platform pulls from
 * @param env variables to set; others that the origin has stay. Never a secret
 * @param secrets the variables whose values the platform takes from its secrets, which are stored
 *     already ({@link Platform#putSecrets}); others that the origin has stay
 */
public record Wanted(ImageReference image, Map<String, String> env, Set<String> secrets) {
  /**
   * As given, in alphabetical order.
   *
   * @throws IllegalArgumentException when the image is without a digest
   */
  public Wanted {
    if (image.digest().isEmpty()) {
      throw new IllegalArgumentException(image + " has no digest: resolve its tag first");
    }
    env = java.util.Collections.unmodifiableMap(new TreeMap<>(env));
    secrets = java.util.Collections.unmodifiableSet(new TreeSet<>(secrets));
  }
}
