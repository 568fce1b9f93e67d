package com.mcpist.origin.limits;

/**
 * How much a user may call an origin.
 *
 * @param name of the plan
 * @param callsPerMinute at any pace
 * @param callsAtOnce that are not answered yet
 */
public record Plan(String name, int callsPerMinute, int callsAtOnce) {
  /** As the migrations make it: for whoever has no other, and while nobody can look. */
  public static final Plan STANDARD = new Plan("standard", 300, 50);
}
