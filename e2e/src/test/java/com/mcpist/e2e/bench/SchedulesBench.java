package com.mcpist.e2e.bench;

import com.mcpist.drill.tool.CountingMounts;
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.Tally;
import com.mcpist.drill.tool.Tool;
import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Load;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.testkit.Conditions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * 16 clients that call a tool without a pause through an edge that runs already, while something
 * happens to its two origins. Prints calls, failed, unknown, lost, run twice, late and the seconds
 * of the longest call. Exit code 1 when failed, lost, run twice or late is not 0, or the longest is
 * not under the limit; 2 when nothing could be measured.
 */
public final class SchedulesBench {

  private static final int CLIENTS = 16;
  private static final Duration LENGTH = Duration.ofSeconds(20);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration SETTLED = Duration.ofMinutes(2);
  private static final String MEMORY = "memory_save";

  /** A mounted server that starts and answers slowly, with answers of 16 KiB. */
  private static final Settings MOUNTED =
      new Settings(Duration.ofSeconds(2), Duration.ofMillis(50), 16 * 1024);

  private final Schedule schedule;
  private final OriginPair pair;
  private final Function<String, CountedCalls> callers;

  private SchedulesBench(
      Schedule schedule, OriginPair pair, Function<String, CountedCalls> callers) {
    this.schedule = schedule;
    this.pair = pair;
    this.callers = callers;
  }

  /**
   * Takes the schedule, {@code kill} or {@code hang}, the tool, {@code memory_save} or one of the
   * drill's mounted server, and the ports of the edge, the primary and the standby, and the seconds
   * that a call of memory_save may take, where that is not the schedule's own limit; GATEWAY_SECRET
   * is what the edge sends to these. A gateway that tells nobody which origin answers has the port
   * of the proxy behind it in BEHIND. Its name of the tool, revision of MCP and header are in
   * DOOR_TOOL, DOOR_REVISION and DOOR_HEADER, where they are not ours.
   */
  public static void main(String[] args) throws Exception {
    Schedule schedule = schedule(args[0]);
    if (args[1].equals(MEMORY)) {
      Duration limit =
          args.length > 5 ? Duration.ofSeconds(Long.parseLong(args[5])) : schedule.limit();
      OriginPair pair = pair(args, Map.of());
      run(
          new SchedulesBench(schedule, pair, name -> new Saves(name, door())),
          Optional.of(limit),
          () -> {});
    } else {
      Tool tool = Tool.of(args[1]).filter(Tool::mounted).orElseThrow();
      Path folder = Files.createTempDirectory("mcpist-schedules-");
      CountingMounts mounts = CountingMounts.start(folder, MOUNTED);
      OriginPair pair = pair(args, Map.of("MOUNTS", mounts.json()));
      run(
          new SchedulesBench(schedule, pair, name -> new MountedCalls(name, tool, mounts)),
          Optional.empty(),
          () -> {
            mounts.close();
            DataFolder.delete(folder);
          });
    }
  }

  private static OriginPair pair(String[] args, Map<String, String> variables) {
    return new OriginPair(
        Integer.parseInt(args[2]),
        Integer.parseInt(args[3]),
        Integer.parseInt(args[4]),
        Integer.parseInt(System.getenv().getOrDefault("BEHIND", args[2])),
        Objects.requireNonNull(System.getenv("GATEWAY_SECRET"), "GATEWAY_SECRET is not set"),
        variables);
  }

  private static void run(SchedulesBench bench, Optional<Duration> limit, Closeable more) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(bench.pair, more)));
    System.exit(bench.exitCode(limit));
  }

  // Clients and restarts go on until the exit, also where the measurement has failed.
  private int exitCode(Optional<Duration> limit) {
    try {
      return measure(limit) ? 0 : 1;
    } catch (Exception | AssertionError e) {
      System.err.println(e.getMessage());
      return 2;
    }
  }

  private static Schedule schedule(String name) {
    return switch (name) {
      case "kill" -> new Schedule.Kill(LENGTH, Duration.ofSeconds(2));
      case "hang" -> new Schedule.Hang(LENGTH, Duration.ofSeconds(10));
      default -> throw new IllegalArgumentException("no schedule " + name);
    };
  }

  private boolean measure(Optional<Duration> limit) throws Exception {
    ClassArchives.make();
    pair.start();
    warmUp();
    CountedCalls calls = callers.apply("measured");
    Load load = Load.start(pair.port(), CLIENTS, Duration.ZERO, calls::call);
    schedule.run(load, pair);
    Load.Report report = load.stop();
    Tally tally = calls.tally(pair.settle());
    int failed = report.failures().size();
    System.out.printf(
        Locale.ROOT,
        "%d %d %d %d %d %d %.2f%n",
        report.calls(),
        failed,
        calls.unknown(),
        tally.lost(),
        tally.twice(),
        tally.late(),
        report.longest().toNanos() / 1e9);
    System.err.printf(
        Locale.ROOT, "no origin at all for %.2f s at most%n", pair.longestOutage().toNanos() / 1e9);
    explain(report);
    return failed == 0
        && tally.equals(new Tally(0, 0, 0))
        && limit.stream().allMatch(most -> report.longest().compareTo(most) < 0);
  }

  // The programs compile what they run most: the first calls of each, the clients included, are no
  // measure of an edge.
  private void warmUp() throws InterruptedException {
    CountedCalls calls = callers.apply("warm-up");
    Load load = Load.start(pair.port(), CLIENTS, Duration.ZERO, calls::call);
    // An edge that has looked before the origins were there may look again much later.
    Conditions.await(
        "the primary serves",
        SETTLED,
        () -> calls.done() > 0 && pair.named(load.servedBy()).equals(pair.primary()));
    load.awaitElapsed(load.elapsed().plus(WARM_UP));
    load.stop();
  }

  private static Saves.Door door() {
    Map<String, String> set = System.getenv();
    return new Saves.Door(
        set.getOrDefault("DOOR_TOOL", Saves.Door.PLAIN.tool()),
        set.getOrDefault("DOOR_REVISION", Saves.Door.PLAIN.revision()),
        set.getOrDefault("DOOR_HEADER", Saves.Door.PLAIN.headers()));
  }

  private static void explain(Load.Report report) {
    report.failures().stream().distinct().limit(10).forEach(f -> System.err.println("  " + f));
    report.outcomes().stream()
        .sorted(Comparator.comparingLong(Load.Outcome::nanos).reversed())
        .limit(5)
        .forEach(
            o ->
                System.err.printf(
                    Locale.ROOT,
                    "  %.2f s, ended at %.2f s, answered by %s%n",
                    o.nanos() / 1e9,
                    o.endNanos() / 1e9,
                    o.servedBy()));
  }

  private static void close(OriginPair pair, Closeable more) {
    try (more) {
      pair.close();
    } catch (IOException e) {
      System.err.println("An origin could not be stopped: " + e.getMessage());
    }
  }
}
