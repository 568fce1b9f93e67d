package com.mcpist.drill;

import module java.base;

import com.mcpist.drill.Analysis.CallRecord;
import com.mcpist.drill.Analysis.Injection;
import com.mcpist.drill.Signal.Breakage;
import com.mcpist.drill.tool.Tally;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.data.PairException;

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
  private static final long POLL_MILLIS = 2;

  interface Condition {
    boolean holds() throws PairException, InterruptedException;
  }

  private final Target target;
  private final Fault fault;
  private final List<Callee> callees;
  private final int share;
  private final int rounds;
  private final int clients;
  private final Consumer<String> progress;
  private final String run = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

  /** So many calls at full speed, at least, by so many clients at the same time. */
  Drill(
      Target target,
      Fault fault,
      List<Callee> callees,
      int calls,
      int clients,
      Consumer<String> progress) {
    this.target = target;
    this.fault = fault;
    this.callees = callees;
    this.rounds = Math.clamp(calls / CALLS_OF_A_ROUND, 1, MOST_ROUNDS);
    this.share = Math.max(clients * LEAST_CALLS_OF_A_CLIENT, Math.ceilDiv(calls, rounds));
    this.clients = clients;
    this.progress = progress;
  }

  /** Runs it; a pair that was not steady, or does not become so again, is a PairException. */
  List<Report> run() throws PairException, InterruptedException {
    progress.accept("waiting for the pair to be steady");
    awaitSteady();
    awaitPrimary();
    awaitTools();
    try (Load load = new Load(target.mcp(), callees, run, clients, fault)) {
      List<Injection> injections = rounds(load);
      require("the end of the last call", target.rows()::isQuiet);
      List<Report> reports = new ArrayList<>();
      for (Callee callee : callees) {
        List<CallRecord> calls = load.records(callee);
        Tally tally = callee.tally(calls.stream().map(CallRecord::told).toList());
        reports.add(Analysis.report(fault, callee, calls, injections, tally));
      }
      return reports;
    }
  }

  /** All rounds; when this returns or throws, nothing is broken and no call is in flight. */
  private List<Injection> rounds(Load load) throws PairException, InterruptedException {
    try {
      List<Injection> injections = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        injections.add(round(load, round));
      }
      progress.accept("waiting for the primary");
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
    String label = "round %s of %s".formatted(round, rounds);
    progress.accept(label);
    PairStatus status = target.status();
    PairStatus.Origin origin =
        status.origins().stream()
            .filter(PairStatus.Origin::active)
            .findFirst()
            .orElseThrow(() -> new PairException("no origin serves"));
    boolean primary = origin.equals(status.origins().getFirst());
    Breakage breakage =
        fault == Fault.CLIENT ? () -> load.cut(round) : target.prepare(fault, origin, round);
    long begin = System.nanoTime();
    load.grant(share);
    require("the first calls", () -> load.left() <= share / 2 && load.inFlight() > 0);
    long from = System.nanoTime();
    breakage.happen();
    long by = System.nanoTime();
    long until = endure(load, by);
    require("the answer to each call", () -> load.left() == 0);
    progress.accept(label + ", waiting for the pair to be steady");
    awaitSteady();
    await(PRIMARY_PATIENCE, target::primaryServes);
    awaitMoreCalls(load);
    return new Injection(origin.name(), primary, begin, from, by, until);
  }

  /** Leaves a fault for as long as it is to last, takes its cause away, and tells when that was. */
  private long endure(Load load, long by) throws PairException, InterruptedException {
    if (!fault.lasting() && !fault.resets()) {
      return by;
    }
    TimeUnit.NANOSECONDS.sleep((fault.lasting() ? LASTING : RESETTING).toNanos());
    if (fault.lasting() && !fault.ofBoth()) {
      // All that is sent into the fault is to be answered during it.
      require("the answer to each call", () -> load.left() == 0);
    }
    load.mend();
    target.mend();
    return System.nanoTime();
  }

  private void awaitSteady() throws PairException, InterruptedException {
    require("a state in which both origins are healthy", target::isSteady);
  }

  private void awaitPrimary() throws PairException, InterruptedException {
    require("the primary", target::primaryServes);
  }

  /** A mounted server that starts slowly is listed after its pair has started. */
  private void awaitTools() throws PairException, InterruptedException {
    try (ToolClient client = new ToolClient(target.mcp(), ToolClient.PATIENCE, false)) {
      require("the list of the tools", () -> client.lists(callees));
    }
  }

  private static void awaitMoreCalls(Load load) throws PairException, InterruptedException {
    int ended = load.ended();
    require("the answer to a call", () -> load.ended() - ended >= CALLS_AFTER_RECOVERY);
  }

  private static void require(String what, Condition condition)
      throws PairException, InterruptedException {
    if (!await(LIMIT, condition)) {
      throw new PairException(
          ("the drill was broken off: %s did not come in %s s. `mcpist status` and `mcpist logs`"
                  + " tell more")
              .formatted(what, LIMIT.toSeconds()));
    }
  }

  /** Waits until something is so; false where it has not become so within the limit. */
  static boolean await(Duration limit, Condition condition)
      throws PairException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return true;
  }
}
