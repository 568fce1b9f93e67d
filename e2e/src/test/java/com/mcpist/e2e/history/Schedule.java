package com.mcpist.e2e.history;

import java.util.List;

/**
 * What happens in a history, but for the time that things take. The same seed makes the same
 * schedule.
 *
 * @param faults what one thread does, step by step, while the users call
 * @param users what each user does, step by step; users with an odd number are at the second edge
 * @param quietMillis how long everything goes on after it has been repaired, before it is counted
 */
record Schedule(
    long seed, Family family, List<Step> faults, List<List<Step>> users, int quietMillis) {

  /** The two origins; the first one serves while it is healthy. */
  static final String PRIMARY = "primary";

  static final String STANDBY = "standby";

  /** The Java edge. */
  static final String EDGE = "edge";

  Schedule {
    faults = List.copyOf(faults);
    users = users.stream().map(List::copyOf).toList();
  }

  static Schedule of(long seed) {
    Dice dice = new Dice(seed);
    return of(seed, dice.family(), dice);
  }

  /** The schedule of a family that another seed would not have chosen. */
  static Schedule of(long seed, Family family) {
    return of(seed, family, new Dice(seed));
  }

  private static Schedule of(long seed, Family family, Dice dice) {
    return switch (family) {
      case MIXED -> Mixed.schedule(seed, dice);
      case LEFT -> Aimed.left(seed, dice);
      case NOTICE_AT_START -> Aimed.noticeAtStart(seed, dice);
      case NOTICE_AT_OLDER -> Aimed.noticeAtOlder(seed, dice);
      case SLEEPER -> Aimed.sleeper(seed, dice);
      case LOCKED -> Aimed.locked(seed, dice);
      case DEADLY -> Aimed.deadly(seed, dice);
      case EDGE_KILLED -> Aimed.edgeKilled(seed, dice);
      case CLOCKS -> Mixed.clocks(seed, dice);
    };
  }
}
