package com.mcpist.pair.supervisor;

import com.mcpist.pair.data.Releases.Stored;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What an origin runs, or has run.
 *
 * @param id the supervisor's own
 * @param stored its folder
 * @param env its variables that are no secrets and not the supervisor's
 * @param secrets those that were stored when it was rolled out: where it comes back by itself, they
 *     do too
 */
record OriginRelease(
    String id,
    Stored stored,
    Map<String, String> env,
    Map<String, String> secrets,
    Instant created) {
  /** As given, the variables in alphabetical order. */
  OriginRelease {
    env = Collections.unmodifiableMap(new TreeMap<>(env));
    secrets = Map.copyOf(secrets);
  }

  /** A new one: also another than before this pair was started. */
  static OriginRelease of(Stored stored, Map<String, String> env, Map<String, String> secrets) {
    return new OriginRelease(UUID.randomUUID().toString(), stored, env, secrets, Instant.now());
  }

  /** Whether both are the same folder with the same variables. */
  boolean sameAs(OriginRelease other) {
    return stored.equals(other.stored) && env.equals(other.env);
  }

  String digest() {
    return stored.digest();
  }

  /** What people call it. */
  String name() {
    return env.getOrDefault("RELEASE", id);
  }

  /** Never the secrets. */
  @Override
  public String toString() {
    return "OriginRelease[" + id + " of " + digest() + "]";
  }
}
