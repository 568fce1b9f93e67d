package com.mcpist.e2e.history;

import com.mcpist.e2e.history.Step.Cut;
import com.mcpist.e2e.history.Step.Manner;
import java.util.ArrayList;
import java.util.List;

/** The schedules of {@link Family#MIXED} and {@link Family#CLOCKS}. */
final class Mixed {
  private static final int USERS = 4;

  /**
   * The longest time until an edge trusts an origin again, in milliseconds. On a busy machine an
   * origin takes long to start.
   */
  private static final int WELL_MILLIS = 60_000;

  private static final String GO = "go";

  private Mixed() {}

  static Schedule schedule(long seed, Dice dice) {
    List<List<Step>> users = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      users.add(user(user, dice));
    }
    List<Step> faults = new ArrayList<>();
    int count = dice.between(1, 3);
    for (int i = 0; i < count; i++) {
      faults.add(new Step.Pause(dice.between(0, 500)));
      fault(faults, dice);
      faults.add(new Step.AwaitWell(WELL_MILLIS));
    }
    return new Schedule(seed, Family.MIXED, faults, users, 200);
  }

  /**
   * A clock is wrong from a program's start on, or right at first, and then clocks jump before, in
   * and after other faults. They stay wrong until the history ends.
   */
  static Schedule clocks(long seed, Dice dice) {
    List<List<Step>> users = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      List<Step> steps = new ArrayList<>();
      steps.add(new Step.Await(List.of(GO), WELL_MILLIS));
      String id = "u" + user + "-left";
      Target target = dice.percent(40) ? Target.SAVE : Target.act(dice.mount());
      Call left = Call.of(id, user, target, dice.between(800, 1_500));
      leaves(steps, dice.percent(50) ? left.withKey("key-" + id) : left, dice);
      steps.addAll(user(user, dice));
      users.add(steps);
    }
    List<Step> faults = new ArrayList<>();
    if (dice.percent(50)) {
      String program = dice.clock();
      faults.add(new Step.SetClock(program, dice.secondsAhead()));
      faults.add(program.equals(Schedule.EDGE) ? new Step.KillEdge() : new Step.Kill(program, 0));
      faults.add(new Step.AwaitWell(WELL_MILLIS));
    }
    faults.add(new Step.Mark(GO));
    int count = dice.between(1, 3);
    for (int i = 0; i < count; i++) {
      faults.add(new Step.Pause(dice.between(0, 800)));
      List<Step> next = new ArrayList<>();
      if (dice.percent(70)) {
        fault(next, dice);
      }
      Step jump = new Step.SetClock(dice.clock(), dice.secondsAhead());
      next.add(dice.between(0, next.size()), jump);
      faults.addAll(next);
      faults.add(new Step.AwaitWell(WELL_MILLIS));
    }
    return new Schedule(seed, Family.CLOCKS, faults, users, 200);
  }

  /** One fault, and its repair: of the two origins one is always there. */
  private static void fault(List<Step> to, Dice dice) {
    String origin = dice.origin();
    switch (dice.between(0, 8)) {
      case 0, 1 -> to.add(new Step.Kill(origin, dice.between(0, 600)));
      case 2, 3 -> {
        to.add(new Step.Hang(origin));
        to.add(new Step.Pause(dice.between(100, 4_500)));
        to.add(new Step.Wake(origin));
      }
      case 4 -> {
        to.add(new Step.CutFromEdges(origin, dice.of(Cut.values())));
        to.add(new Step.Pause(dice.between(100, 3_500)));
        to.add(new Step.MendFromEdges(origin));
      }
      case 5, 6 -> {
        to.add(new Step.CutFromDatabase(origin, dice.of(Cut.values())));
        to.add(new Step.Pause(dice.between(100, 3_500)));
        to.add(new Step.MendFromDatabase(origin));
      }
      case 7 -> {
        to.add(new Step.Drain(origin));
        to.add(new Step.Pause(dice.between(100, 1_500)));
        to.add(new Step.Undrain(origin));
      }
      default -> {
        String mount = dice.of(Target.QUICK, Target.SLOW);
        to.add(new Step.Slow(mount, dice.between(0, 1_500)));
        to.add(new Step.EndProgram(mount, origin));
      }
    }
  }

  private static List<Step> user(int user, Dice dice) {
    List<Step> steps = new ArrayList<>();
    int count = dice.between(4, 7);
    int version = 0;
    for (int number = 0; number < count; number++) {
      String id = "u" + user + "-" + number;
      Target target = target(dice);
      Call call = Call.of(id, user, target, dice.between(0, 300));
      if (target.equals(Target.SEARCH)) {
        steps.add(waits(call, dice));
      } else if (target.effect() == Target.Effect.IDEMPOTENT) {
        // Of two settings at the same time either may be the last, so this client waits.
        version++;
        steps.add(waits(call.withVersion(version), dice));
      } else if (target.onlyOnce() && dice.percent(25)) {
        leaves(steps, Call.of(id, user, target, dice.between(800, 1_200)), dice);
      } else if (dice.percent(30)) {
        keyed(steps, call.withKey("key-" + id), dice);
      } else {
        steps.add(waits(large(call, dice), dice));
      }
      steps.add(new Step.Pause(dice.between(0, 500)));
    }
    return steps;
  }

  private static Target target(Dice dice) {
    return switch (dice.between(0, 9)) {
      case 0, 1, 2 -> Target.SAVE;
      case 3 -> Target.SEARCH;
      case 4 -> Target.look(dice.mount());
      case 5, 6 -> Target.set(dice.of(Target.SLOW, Target.WEB));
      default -> Target.act(dice.mount());
    };
  }

  /** Some answers are large: up to about 4 MiB of a tool that reads, and 1 MiB of one that acts. */
  private static Call large(Call call, Dice dice) {
    boolean large = call.target().mounted() && dice.percent(15);
    boolean reads = call.target().effect() == Target.Effect.READS;
    return large ? call.withBytes(dice.between(100_000, reads ? 3_900_000 : 700_000)) : call;
  }

  private static Step waits(Call call, Dice dice) {
    return new Step.Send(call, Manner.WAITS, dice.revision(), 0);
  }

  private static void leaves(List<Step> to, Call call, Dice dice) {
    String revision = dice.revision();
    Manner manner = dice.of(Manner.LEAVES, Manner.RESETS);
    to.add(new Step.Send(call, manner, revision, dice.between(20, 300)));
    to.add(new Step.Pause(dice.between(0, 400)));
    to.add(new Step.Send(call, Manner.WAITS, revision, 0));
  }

  /** The same key again, with the same and with other arguments. */
  static void keyed(List<Step> to, Call call, Dice dice) {
    String revision = dice.revision();
    if (dice.percent(30)) {
      to.add(new Step.SendTwice(call, revision));
    } else {
      to.add(new Step.Send(call, Manner.WAITS, revision, 0));
    }
    if (call.target().onlyOnce() && dice.percent(60)) {
      to.add(new Step.Send(call.withOtherArguments(), Manner.WAITS, revision, 0));
    }
    if (dice.percent(60)) {
      to.add(new Step.Send(call, Manner.WAITS, revision, 0));
    }
  }
}
