package com.mcpist.deploy.config;

import java.util.Map;
import java.util.Optional;

/**
 * One origin.
 *
 * @param name lower-case letters, digits and hyphens
 * @param platform who runs it in production; nobody yet when empty
 * @param url where it answers in production, without a path; a pair on one machine has its own
 * @param env environment variables that only this origin has; never a secret
 */
public record Origin(
    String name, Optional<String> platform, Optional<String> url, Map<String, String> env) {
  public Origin {
    env = Map.copyOf(env);
  }
}
