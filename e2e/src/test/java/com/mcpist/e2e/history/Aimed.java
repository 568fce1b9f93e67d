package com.mcpist.e2e.history;

import static com.mcpist.e2e.history.Schedule.PRIMARY;
import static com.mcpist.e2e.history.Schedule.STANDBY;

import com.mcpist.e2e.history.Step.Manner;
import com.mcpist.e2e.history.Step.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The schedules of all families but those of {@link Mixed}: each aims at one situation. */
final class Aimed {
  private static final int WELL_MILLIS = 60_000;

  /** Longer than a call takes whose origin has stopped; a call that takes longer is a violation. */
  private static final int STOPPED_MILLIS = 17_000;

  private Aimed() {}

  private static List<Call> forEach(int users, String name, Target target, int hold) {
    return IntStream.range(0, users)
        .mapToObj(user -> Call.of("u" + user + "-" + name, user, target, hold))
        .toList();
  }

  private static Step.Await all(List<Call> calls, Function<Call, String> mark) {
    return new Step.Await(calls.stream().map(mark).toList(), STOPPED_MILLIS);
  }

  private static Step.Send waits(Call call, String revision) {
    return new Step.Send(call, Manner.WAITS, revision, 0);
  }

  /** Clients leave, and send the call again, while the origin that has it lives, dies or stops. */
  static Schedule left(long seed, Dice dice) {
    List<List<Step>> users = new ArrayList<>();
    List<Call> calls = new ArrayList<>();
    for (int user = 0; user < 4; user++) {
      Target target = dice.percent(40) ? Target.SAVE : Target.act(dice.mount());
      Call call = Call.of("u" + user + "-left", user, target, dice.between(800, 1_500));
      String revision = dice.revision();
      calls.add(call);
      users.add(
          List.of(
              new Step.Send(
                  call, dice.of(Manner.LEAVES, Manner.RESETS), revision, dice.between(50, 300)),
              new Step.Pause(dice.between(0, 700)),
              waits(call, revision),
              // An equal call after one that was answered is another one, so this one differs.
              waits(Call.of("u" + user + "-next", user, target, 0), revision)));
    }
    List<Step> faults = new ArrayList<>();
    faults.add(all(calls, Marks::over));
    faults.add(new Step.Pause(dice.between(0, 300)));
    switch (dice.between(0, 3)) {
      case 0 -> faults.add(new Step.Kill(PRIMARY, dice.between(0, 500)));
      case 1 -> {
        faults.add(new Step.Hang(PRIMARY));
        faults.add(new Step.Pause(dice.between(500, 4_000)));
        faults.add(new Step.Wake(PRIMARY));
      }
      default -> {}
    }
    return new Schedule(seed, Family.LEFT, faults, users, 300);
  }

  /**
   * The standby is drained, clients leave while a mounted server acts, and the primary is killed:
   * the notices come to its next process at once.
   */
  static Schedule noticeAtStart(long seed, Dice dice) {
    Target target = Target.act(dice.of(Target.SLOW, Target.SLOW, Target.WEB));
    List<Call> calls = forEach(4, "act", target, dice.between(1_000, 2_000));
    boolean alone = target.mount().equals(Target.SLOW) && dice.percent(50);
    List<Step> faults = new ArrayList<>();
    if (alone) {
      faults.add(new Step.Deploy(PRIMARY, Release.SLOW_ALONE));
      faults.add(new Step.AwaitWell(WELL_MILLIS));
    }
    faults.add(new Step.Drain(STANDBY));
    faults.add(new Step.Slow(target.mount(), dice.between(1_000, 3_000)));
    faults.add(new Step.Mark("go"));
    faults.add(all(calls, Marks::over));
    faults.add(new Step.Pause(dice.between(0, 100)));
    faults.add(new Step.Kill(PRIMARY, dice.between(0, 500)));
    faults.add(new Step.AwaitWell(WELL_MILLIS));
    faults.add(new Step.Undrain(STANDBY));
    faults.add(new Step.AwaitWell(WELL_MILLIS));
    faults.add(new Step.Mark("again"));
    return new Schedule(seed, Family.NOTICE_AT_START, faults, leavingUsers(calls, dice), 300);
  }

  private static List<List<Step>> leavingUsers(List<Call> calls, Dice dice) {
    List<List<Step>> users = new ArrayList<>();
    for (Call call : calls) {
      String revision = dice.revision();
      users.add(
          List.of(
              new Step.Await(List.of("go"), WELL_MILLIS),
              new Step.Send(
                  call, dice.of(Manner.LEAVES, Manner.RESETS), revision, dice.between(100, 300)),
              new Step.Await(List.of("again"), 2 * WELL_MILLIS),
              waits(call, revision)));
    }
    return users;
  }

  /** The same, where the standby is a healthy release without the tool. */
  static Schedule noticeAtOlder(long seed, Dice dice) {
    List<Call> calls = forEach(4, "act", Target.act(Target.QUICK), dice.between(1_000, 2_000));
    List<Step> faults = new ArrayList<>();
    faults.add(new Step.Deploy(STANDBY, Release.OLDER));
    faults.add(new Step.AwaitWell(WELL_MILLIS));
    faults.add(new Step.Mark("go"));
    faults.add(all(calls, Marks::over));
    faults.add(new Step.Pause(dice.between(0, 100)));
    faults.add(new Step.Kill(PRIMARY, dice.between(0, 500)));
    faults.add(new Step.AwaitWell(WELL_MILLIS));
    faults.add(new Step.Mark("again"));
    return new Schedule(seed, Family.NOTICE_AT_OLDER, faults, leavingUsers(calls, dice), 300);
  }

  /**
   * The primary has claimed a call and waits for its mounted server's {@code initialize}. It stops,
   * the standby answers, the user calls again, and the primary goes on.
   */
  static Schedule sleeper(long seed, Dice dice) {
    boolean once = dice.percent(60);
    Target target = once ? Target.act(Target.SLOW) : Target.set(Target.SLOW);
    List<Call> first = forEach(4, "first", target, 0);
    List<Call> second = forEach(4, "second", target, 0);
    List<List<Step>> users = new ArrayList<>();
    for (int user = 0; user < 4; user++) {
      String revision = dice.revision();
      users.add(
          List.of(
              new Step.Await(List.of("go"), WELL_MILLIS),
              waits(first.get(user).withVersion(once ? 0 : 1), revision),
              waits(second.get(user).withVersion(once ? 0 : 2), revision)));
    }
    List<Step> faults = new ArrayList<>();
    faults.add(new Step.Slow(Target.SLOW, dice.between(12_000, 20_000)));
    faults.add(new Step.Kill(PRIMARY, 0));
    faults.add(new Step.AwaitWell(WELL_MILLIS));
    faults.add(new Step.Mark("go"));
    faults.add(all(first, Marks::sent));
    faults.add(new Step.Pause(dice.between(150, 500)));
    faults.add(new Step.Hang(PRIMARY));
    faults.add(all(second, Marks::over));
    // Its mounted server is ready by the time the primary sees that the edge has given it up.
    faults.add(new Step.Slow(Target.SLOW, 0));
    faults.add(new Step.Pause(dice.between(600, 900)));
    faults.add(new Step.Wake(PRIMARY));
    return new Schedule(seed, Family.SLEEPER, faults, users, 2_000);
  }

  /** The primary stops after a statement that has waited for a lock, and before its COMMIT. */
  static Schedule locked(long seed, Dice dice) {
    int user = dice.between(0, 1);
    Call save = Call.of("u" + user + "-save", user, Target.SAVE, 0);
    Call delete = Call.of("u" + user + "-delete", user, Target.DELETE, 0);
    String revision = dice.revision();
    List<List<Step>> users = new ArrayList<>();
    for (int other = 0; other < 2; other++) {
      users.add(
          other == user
              ? List.of(
                  waits(save, revision),
                  new Step.Mark("saved"),
                  new Step.Await(List.of("locked"), WELL_MILLIS),
                  waits(delete, revision))
              : List.of(
                  new Step.Await(List.of("locked"), WELL_MILLIS),
                  waits(Call.of("u" + other + "-other", other, Target.SAVE, 0), revision)));
    }
    List<Step> faults = new ArrayList<>();
    faults.add(new Step.Await(List.of("saved"), WELL_MILLIS));
    faults.add(new Step.LockMemories(user));
    faults.add(new Step.Mark("locked"));
    faults.add(new Step.AwaitLocked(1, 3_000));
    faults.add(new Step.Hang(PRIMARY));
    faults.add(new Step.UnlockMemories());
    faults.add(all(List.of(delete), Marks::over));
    faults.add(new Step.Wake(PRIMARY));
    return new Schedule(seed, Family.LOCKED, faults, users, 200);
  }

  /** A call kills each origin that it comes to, alone or beside the calls of others. */
  static Schedule deadly(long seed, Dice dice) {
    int user = dice.between(0, 1);
    Target target = dice.of(Target.set(Target.WEB), Target.look(Target.QUICK));
    boolean alone = dice.percent(60);
    List<List<Step>> users = new ArrayList<>();
    for (int other = 0; other < 2; other++) {
      String revision = dice.revision();
      // The Worker does not count a connection that breaks at once: nobody may have had the call.
      Call call = Call.of("u" + other + "-call", other, target, dice.between(600, 900));
      Call beside = Call.of("u" + other + "-beside", other, Target.look(Target.WEB), 1_500);
      if (other == user) {
        users.add(List.of(new Step.Pause(100), waits(call.thatKills(), revision)));
      } else {
        users.add(alone ? List.of() : List.of(waits(beside, revision)));
      }
    }
    return new Schedule(seed, Family.DEADLY, List.of(), users, 200);
  }

  /** Both edges are killed while calls run; their clients send them again. */
  static Schedule edgeKilled(long seed, Dice dice) {
    List<List<Step>> users = new ArrayList<>();
    List<Call> calls = new ArrayList<>();
    for (int user = 0; user < 4; user++) {
      Target target = dice.percent(40) ? Target.SAVE : Target.act(dice.mount());
      Call call = Call.of("u" + user + "-call", user, target, dice.between(500, 1_200));
      Call sent = dice.percent(50) ? call.withKey("key-" + user) : call;
      String revision = dice.revision();
      calls.add(sent);
      users.add(List.of(waits(sent, revision), waits(sent, revision)));
    }
    List<Step> faults = new ArrayList<>();
    faults.add(all(calls, Marks::sent));
    faults.add(new Step.Pause(dice.between(100, 400)));
    faults.add(new Step.KillEdge());
    if (dice.percent(40)) {
      // A new isolate of the Worker knows who keeps a ledger after a probe.
      faults.add(new Step.AwaitWell(WELL_MILLIS));
      faults.add(new Step.Kill(PRIMARY, dice.between(0, 300)));
    }
    return new Schedule(seed, Family.EDGE_KILLED, faults, users, 300);
  }
}
