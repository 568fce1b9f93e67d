package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Load;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * 16 clients that save without a pause through an edge that runs already, while something happens
 * to its two origins. Prints calls, failed, lost, run twice and the seconds of the longest call;
 * exit code 1 when one of the three is not 0 or the longest is not under the schedule's limit, 2
 * when nothing could be measured.
 */
public final class SchedulesBench {

  private static final int CLIENTS = 16;
  private static final Duration LENGTH = Duration.ofSeconds(20);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration SETTLED = Duration.ofMinutes(2);

  private SchedulesBench() {}

  /**
   * Takes the schedule, {@code kill} or {@code hang}, and the ports of the edge, the primary and
   * the standby, and the seconds that a call may take, where that is not the schedule's own limit;
   * GATEWAY_SECRET is what the edge sends to these. A gateway that tells nobody which origin
   * answers has the port of the proxy behind it in BEHIND. Its name of the tool, revision of MCP
   * and header are in DOOR_TOOL, DOOR_REVISION and DOOR_HEADER, where they are not ours.
   */
  public static void main(String[] args) throws Exception {
    Schedule schedule = schedule(args[0]);
    Duration limit =
        args.length > 4 ? Duration.ofSeconds(Long.parseLong(args[4])) : schedule.limit();
    OriginPair pair =
        new OriginPair(
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(System.getenv().getOrDefault("BEHIND", args[1])),
            Objects.requireNonNull(System.getenv("GATEWAY_SECRET"), "GATEWAY_SECRET is not set"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(pair)));
    System.exit(exitCode(schedule, pair, limit));
  }

  // Clients and restarts go on until the exit, also where the measurement has failed.
  private static int exitCode(Schedule schedule, OriginPair pair, Duration limit) {
    try {
      return measure(schedule, pair, limit) ? 0 : 1;
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

  private static boolean measure(Schedule schedule, OriginPair pair, Duration limit)
      throws Exception {
    ClassArchives.make();
    pair.start();
    warmUp(pair);
    Saves saves = new Saves("measured", door());
    Load load = Load.start(pair.port(), CLIENTS, Duration.ZERO, saves::save);
    schedule.run(load, pair);
    Load.Report report = load.stop();
    Saves.Tally tally = saves.tally(pair.settle());
    int failed = report.failures().size();
    System.out.printf(
        Locale.ROOT,
        "%d %d %d %d %.2f%n",
        report.calls(),
        failed,
        tally.lost(),
        tally.twice(),
        report.longest().toNanos() / 1e9);
    System.err.printf(
        Locale.ROOT, "no origin at all for %.2f s at most%n", pair.longestOutage().toNanos() / 1e9);
    explain(report);
    return failed + tally.lost() + tally.twice() == 0 && report.longest().compareTo(limit) < 0;
  }

  // The programs compile what they run most: the first calls of each, the clients included, are no
  // measure of an edge.
  private static void warmUp(OriginPair pair) throws InterruptedException {
    Saves saves = new Saves("warm-up", door());
    Load load = Load.start(pair.port(), CLIENTS, Duration.ZERO, saves::save);
    // An edge that has looked before the origins were there may look again much later.
    Conditions.await(
        "the primary serves",
        SETTLED,
        () -> saves.done() > 0 && pair.named(load.servedBy()).equals(pair.primary()));
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

  private static void close(OriginPair pair) {
    try {
      pair.close();
    } catch (IOException e) {
      System.err.println("An origin could not be stopped: " + e.getMessage());
    }
  }
}
