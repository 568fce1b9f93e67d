package com.mcpist.e2e.security;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/**
 * One request that must not do what it is meant to.
 *
 * @param wall what it is tried on, as {@code key}
 * @param name what it tries
 * @param against whom it is sent
 * @param request its bytes; each character is one
 * @param statuses with any of which it is refused
 */
record Attack(
    String wall,
    String name,
    Set<Target> against,
    Function<Stage, String> request,
    Set<Integer> statuses) {
  static final Set<Target> EDGES = EnumSet.of(Target.JAVA_EDGE, Target.WORKER);
  static final Set<Target> ALL = EnumSet.allOf(Target.class);
  static final Set<Target> ORIGIN = EnumSet.of(Target.ORIGIN);

  /** What this project's own programs read themselves: a Worker's runtime reads for it. */
  static final Set<Target> OWN_LISTENERS = EnumSet.of(Target.JAVA_EDGE, Target.ORIGIN);
}
