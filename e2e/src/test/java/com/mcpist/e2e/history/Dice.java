package com.mcpist.e2e.history;

import java.util.SplittableRandom;

/** The random choices of one seed, in their order. */
final class Dice {
  private final SplittableRandom random;

  Dice(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Both bounds may come. */
  int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  boolean percent(int percent) {
    return random.nextInt(100) < percent;
  }

  @SafeVarargs
  final <T> T of(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  Family family() {
    int all = 0;
    for (Family family : Family.values()) {
      all += family.weight;
    }
    int left = random.nextInt(all);
    for (Family family : Family.values()) {
      left -= family.weight;
      if (left < 0) {
        return family;
      }
    }
    throw new IllegalStateException();
  }

  String origin() {
    return of(Schedule.PRIMARY, Schedule.PRIMARY, Schedule.STANDBY);
  }

  /** A program whose clock can be wrong. */
  String clock() {
    return of(Schedule.PRIMARY, Schedule.STANDBY, Schedule.EDGE);
  }

  /** How far a wrong clock is ahead of the right one; less than zero is behind. */
  int secondsAhead() {
    int seconds = of(1, 10, 2 * 60, 20 * 60, 3 * 60 * 60);
    return percent(50) ? seconds : -seconds;
  }

  String mount() {
    return of(Target.QUICK, Target.SLOW, Target.WEB);
  }

  /** Of MCP: a client that leaves cancels its call under the first one alone. */
  String revision() {
    return of("2026-07-28", "2025-11-25");
  }
}
