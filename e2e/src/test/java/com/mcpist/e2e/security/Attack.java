package com.mcpist.e2e.security;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * One request that must not do what it is meant to, or one that is sent too often.
 *
 * @param wall what it is tried on, as {@code key}
 * @param name what it tries
 * @param against whom it is sent
 * @param request its bytes; each character is one
 * @param statuses with any of which it is refused
 * @param says what the refusal has in its body
 * @param tells what the refusal has in its header, by name
 * @param times how often it is sent at most, until it is refused; once where it must not be let in
 *     at all
 * @param address the address of loopback from which it is sent
 */
record Attack(
    String wall,
    String name,
    Set<Target> against,
    Function<Stage, String> request,
    Set<Integer> statuses,
    String says,
    Map<String, String> tells,
    int times,
    String address) {
  static final Set<Target> EDGES = EnumSet.of(Target.JAVA_EDGE, Target.WORKER);
  static final Set<Target> ALL = EnumSet.allOf(Target.class);
  static final Set<Target> ORIGIN = EnumSet.of(Target.ORIGIN);

  /** What this project's own programs read themselves: a Worker's runtime reads for it. */
  static final Set<Target> OWN_LISTENERS = EnumSet.of(Target.JAVA_EDGE, Target.ORIGIN);

  /** One that is sent once. */
  Attack(
      String wall,
      String name,
      Set<Target> against,
      Function<Stage, String> request,
      Set<Integer> statuses) {
    this(wall, name, against, request, statuses, "", Map.of(), 1, "127.0.0.1");
  }

  /** The same, whose refusal has this in it. */
  Attack saying(String text) {
    return new Attack(wall, name, against, request, statuses, text, tells, times, address);
  }

  /** The same, whose refusal has this in that header. */
  Attack telling(String header, String text) {
    Map<String, String> more = new HashMap<>(tells);
    more.put(header, text);
    return new Attack(wall, name, against, request, statuses, says, more, times, address);
  }

  /** The same, sent up to so many times until it is refused. */
  Attack repeated(int most) {
    return new Attack(wall, name, against, request, statuses, says, tells, most, address);
  }

  /** The same, sent from that address. */
  Attack from(String other) {
    return new Attack(wall, name, against, request, statuses, says, tells, times, other);
  }
}
