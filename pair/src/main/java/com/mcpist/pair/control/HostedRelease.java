package com.mcpist.pair.control;

import java.util.Map;
import java.util.TreeMap;

/**
 * A release of an origin of this machine.
 *
 * @param id the supervisor's own
 * @param image by digest
 * @param state PROGRESSING, HEALTHY, UNHEALTHY, FAILED or STOPPED
 * @param told in a word or two
 * @param detail why, or empty
 * @param runs whether it is what the origin runs now
 * @param created an instant, ISO 8601
 * @param env its variables that are no secrets
 */
public record HostedRelease(
    String id,
    String image,
    String state,
    String told,
    String detail,
    boolean runs,
    String created,
    Map<String, String> env) {
  /** As given. */
  public HostedRelease {
    env = Map.copyOf(new TreeMap<>(env));
  }
}
