package com.mcpist.origin.limits;

/**
 * How much a user may call an origin, and store.
 *
 * @param name of the plan
 * @param callsPerMinute at any pace
 * @param callsAtOnce that are not answered yet
 * @param storageMib in MiB, with what is kept of calls; the database itself sees to it
 */
public record Plan(String name, int callsPerMinute, int callsAtOnce, int storageMib) {
  /** As the migrations make it: for whoever has no other, and while nobody can look. */
  public static final Plan STANDARD = new Plan("standard", 300, 50, 100);
}
