package com.mcpist.e2e.history;

import com.mcpist.e2e.history.History.Recorder;
import com.mcpist.e2e.history.History.Sending;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One schedule, as it happens in a world. */
final class Run {
  /** While an origin is there, a call that takes longer hangs, unless the machine is overloaded. */
  private static final Duration LONGEST = Duration.ofSeconds(15);

  /** What two worlds make of two processors is no overload. */
  private static final double BUSY_PER_PROCESSOR = 4;

  /** Longer than two origins take to start that a deadly call has killed. */
  private static final Duration NO_ORIGIN = Duration.ofMinutes(2);

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final World world;
  private final Schedule schedule;
  private final Marks marks = new Marks();
  private final Recorder recorder;
  private final List<Client> clients = new ArrayList<>();
  private final List<String> users = new ArrayList<>();

  /** The calls that delete a memory, by its id. */
  private final Map<String, Call> deletes = new ConcurrentHashMap<>();

  private Run(World world, Schedule schedule) {
    this.world = world;
    this.schedule = schedule;
    this.recorder = new Recorder(schedule);
    Duration longest =
        switch (schedule.family()) {
          case DEADLY -> NO_ORIGIN;
          case LOCKED -> LONGEST; // A transaction that nobody ends is seen by that alone.
          default -> longest();
        };
    for (int user = 0; user < schedule.users().size(); user++) {
      String name = "seed-" + schedule.seed() + "-" + user + "-" + UUID.randomUUID();
      users.add(name);
      clients.add(
          new Client(world.edge(user), world.authorization(name), recorder, marks, longest));
    }
  }

  private static Duration longest() {
    OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
    double load = machine.getSystemLoadAverage() / machine.getAvailableProcessors();
    return LONGEST.multipliedBy(Math.max(1, Math.round(load / BUSY_PER_PROCESSOR)));
  }

  /** Lets it happen, repairs the world, and returns what has happened. */
  static History of(World world, Schedule schedule) throws Exception {
    return new Run(world, schedule).run();
  }

  private History run() throws Exception {
    world.servers().listen(recorder, marks);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      all.add(threads.submit(() -> faults()));
      for (int user = 0; user < clients.size(); user++) {
        int number = user;
        all.add(threads.submit(() -> user(number)));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    world.ended().forEach(recorder::ended);
    recorder.note("everything is repaired");
    world.settle();
    TimeUnit.MILLISECONDS.sleep(schedule.quietMillis());
    world.rows().effects(users, deletes).forEach(recorder::add);
    return recorder.done();
  }

  private Void user(int number) throws Exception {
    Client client = clients.get(number);
    Map<Call, Sending> last = new HashMap<>();
    Set<String> finished = new HashSet<>();
    for (Step step : schedule.users().get(number)) {
      switch (step) {
        case Step.Send send when send.call().hasOthersKey() -> {
          // What was refused may be corrected, so only a call with a result has its key for good.
          if (finished.contains(send.call().key())) {
            client.send(send, null);
          }
        }
        case Step.Send send -> {
          if (send.call().target().equals(Target.DELETE)) {
            deletes.put(client.memory(), send.call());
          }
          Sending sending = client.send(send, last.get(send.call()));
          last.put(send.call(), sending);
          if (sending.outcome() == History.Outcome.DONE) {
            finished.add(send.call().key());
          }
        }
        case Step.SendTwice twice -> {
          if (twice(client, twice)) {
            finished.add(twice.call().key());
          }
        }
        default -> step(step);
      }
    }
    return null;
  }

  /** Returns whether both have a result. */
  private static boolean twice(Client client, Step.SendTwice step) throws Exception {
    Step.Send once = new Step.Send(step.call(), Step.Manner.WAITS, step.revision(), 0);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Sending> first = threads.submit(() -> client.send(once, null));
      Future<Sending> second = threads.submit(() -> client.send(once, null));
      return first.get().outcome() == History.Outcome.DONE
          && second.get().outcome() == History.Outcome.DONE;
    }
  }

  private Void faults() throws Exception {
    for (Step step : schedule.faults()) {
      step(step);
    }
    return null;
  }

  private void step(Step step) throws Exception {
    boolean waits =
        step instanceof Step.Pause || step instanceof Step.Await || step instanceof Step.Mark;
    if (!waits) {
      recorder.note(step.toString());
    }
    switch (step) {
      case Step.Kill(String origin, int restart) -> {
        recorder.kills();
        world.kill(origin, restart);
      }
      case Step.Hang(String origin) -> world.signal(origin, "STOP");
      case Step.Wake(String origin) -> world.signal(origin, "CONT");
      case Step.CutFromEdges(String origin, Step.Cut cut) -> world.cutFromEdges(origin, cut);
      case Step.MendFromEdges(String origin) -> world.mendFromEdges(origin);
      case Step.CutFromDatabase(String origin, Step.Cut cut) -> world.cutFromDatabase(origin, cut);
      case Step.MendFromDatabase(String origin) -> world.mendFromDatabase(origin);
      case Step.Drain(String origin) -> world.drain(origin);
      case Step.Undrain(String origin) -> world.undrain(origin);
      case Step.Deploy(String origin, Step.Release release) -> world.deploy(origin, release);
      case Step.EndProgram(String mount, String origin) -> world.servers().end(mount, origin);
      case Step.Slow(String mount, int millis) -> world.servers().slow(mount, millis);
      case Step.SetClock(String program, int ahead) ->
          world.setClock(program, Duration.ofSeconds(ahead));
      case Step.KillEdge() -> world.killEdges();
      case Step.LockMemories(int user) -> world.rows().lock(users.get(user));
      case Step.UnlockMemories() -> world.rows().unlock();
      case Step.AwaitLocked(int sessions, int most) ->
          await(most, () -> world.rows().waiting() >= sessions);
      case Step.Await(List<String> wanted, int most) -> {
        if (!marks.await(wanted, most)) {
          recorder.note("not all of these came in time: " + wanted);
        }
      }
      case Step.AwaitWell(int most) -> await(most, world::isWell);
      case Step.Pause(int millis) -> TimeUnit.MILLISECONDS.sleep(millis);
      case Step.Mark(String mark) -> marks.set(mark);
      case Step.Send _, Step.SendTwice _ -> throw new IllegalStateException(step.toString());
    }
    if (step instanceof Step.AwaitWell) {
      recorder.note("well: " + world.isWell());
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(long mostMillis, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(mostMillis);
    while (!condition.holds() && System.nanoTime() < end) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
