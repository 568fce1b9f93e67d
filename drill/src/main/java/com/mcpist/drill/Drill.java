package com.mcpist.drill;

import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One kind of fault, injected again and again into a pair under load. */
final class Drill {
  /** How often each fault is injected, where there are calls enough. */
  private static final int MOST_ROUNDS = 6;

  private static final int CALLS_OF_A_ROUND = 100;

  /** So that each client has some before the fault and some after it. */
  private static final int LEAST_CALLS_OF_A_CLIENT = 4;

  /** More than any recovery takes: the longest hold-down is a minute. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** How long the next round waits for the primary: its hold-down grows with each failure. */
  private static final Duration PRIMARY_PATIENCE = Duration.ofSeconds(10);

  /** How long a lasting fault lasts; the standby has taken over long before. */
  private static final Duration LASTING = Duration.ofSeconds(3);

  private static final Duration RESETTING = Duration.ofMillis(300);
  private static final Duration LAST_CALLS = Duration.ofSeconds(70);
  private static final int CALLS_AFTER_RECOVERY = 3;

  private final Target target;
  private final Fault fault;
  private final int share;
  private final int rounds;
  private final int clients;
  private final Consumer<String> progress;
  private final String run = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

  /**
   * A drill.
   *
   * @param calls calls to make at full speed, at least
   * @param clients how many clients make them, at the same time
   * @param progress told in a few words what happens
   */
  Drill(Target target, Fault fault, int calls, int clients, Consumer<String> progress) {
    this.target = target;
    this.fault = fault;
    this.rounds = Math.clamp(calls / CALLS_OF_A_ROUND, 1, MOST_ROUNDS);
    this.share = Math.max(clients * LEAST_CALLS_OF_A_CLIENT, Math.ceilDiv(calls, rounds));
    this.clients = clients;
    this.progress = progress;
  }

  /**
   * Runs it.
   *
   * @throws PairException when the pair was not steady, or did not become so again
   */
  Report run() throws PairException, InterruptedException {
    say("waiting for the pair to be steady");
    awaitSteady();
    awaitPrimary();
    try (Load load = Load.start(target.mcp(), run, clients)) {
      List<Injection> injections = rounds(load);
      Waiting.require("the end of the last call", LIMIT, target.rows()::isQuiet);
      return Analysis.report(fault, load.records(), injections, target.rows().count());
    }
  }

  /** All rounds; when this returns or throws, nothing is broken and no call is in flight. */
  private List<Injection> rounds(Load load) throws PairException, InterruptedException {
    try {
      List<Injection> injections = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        injections.add(round(load, round));
      }
      say("waiting for the primary");
      awaitPrimary();
      awaitMoreCalls(load);
      return injections;
    } finally {
      target.mend();
      load.finish(LAST_CALLS);
    }
  }

  /** Half of the round's calls before the fault, the other half into it, then the recovery. */
  private Injection round(Load load, int round) throws PairException, InterruptedException {
    say("round %d of %d".formatted(round, rounds));
    PairStatus.Origin origin =
        target.serving().orElseThrow(() -> new PairException("no origin serves"));
    boolean primary = target.isPrimary(origin);
    Breakage breakage = target.prepare(fault, origin, round);
    long begin = System.nanoTime();
    load.grant(share);
    Waiting.require(
        "the first calls", LIMIT, () -> load.left() <= share / 2 && load.inFlight() > 0);
    long from = System.nanoTime();
    breakage.happen();
    long by = System.nanoTime();
    long until = endure(load, by);
    Waiting.require("the answer to each call", LIMIT, () -> load.left() == 0);
    say("round %d of %d, waiting for the pair to be steady".formatted(round, rounds));
    awaitSteady();
    Waiting.until(PRIMARY_PATIENCE, target::primaryServes);
    awaitMoreCalls(load);
    return new Injection(origin.name(), primary, begin, from, by, until);
  }

  /**
   * Leaves a fault that lasts for as long as it is to last, and takes its cause away.
   *
   * @return when that was
   */
  private long endure(Load load, long by) throws PairException, InterruptedException {
    if (!fault.lasting() && fault != Fault.RESET) {
      return by;
    }
    TimeUnit.NANOSECONDS.sleep((fault.lasting() ? LASTING : RESETTING).toNanos());
    if (fault.lasting()) {
      // All that is sent into the fault is to be answered during it.
      Waiting.require("the answer to each call", LIMIT, () -> load.left() == 0);
    }
    target.mend();
    return System.nanoTime();
  }

  private void awaitSteady() throws PairException, InterruptedException {
    Waiting.require("a state in which both origins are healthy", LIMIT, target::isSteady);
  }

  private void awaitPrimary() throws PairException, InterruptedException {
    Waiting.require("the primary", LIMIT, target::primaryServes);
  }

  private static void awaitMoreCalls(Load load) throws PairException, InterruptedException {
    int ended = load.ended();
    Waiting.require(
        "the answer to a call", LIMIT, () -> load.ended() - ended >= CALLS_AFTER_RECOVERY);
  }

  private void say(String what) {
    progress.accept(what);
  }
}
