package com.mcpist.drill;

import com.mcpist.drill.tool.CountingMounts.Transport;
import com.mcpist.drill.tool.Tally;
import com.mcpist.drill.tool.Told;
import com.mcpist.drill.tool.Told.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From what clients saw, and the tally of effects, to a report. Instants: System#nanoTime. */
final class Analysis {
  private static final double NANOS_PER_MILLI = 1e6;

  private Analysis() {}

  /**
   * One call as its client saw it. Calls with one text are each to be done; paced are those that
   * one client makes between the rounds; a null failure is a result, and a null origin that none
   * answered.
   */
  record CallRecord(
      Told told,
      boolean paced,
      long startNanos,
      long endNanos,
      @Nullable String servedBy,
      @Nullable String failure) {

    boolean ok() {
      return failure == null;
    }

    double millis() {
      return (endNanos - startNanos) / NANOS_PER_MILLI;
    }
  }

  /**
   * One fault as it was injected, into the origin that served: before {@code from} all was well, at
   * {@code by} it was done, at {@code until} its cause was gone, which is {@code by} where it does
   * not last.
   */
  record Injection(
      String origin,
      boolean primary,
      long roundNanos,
      long fromNanos,
      long byNanos,
      long untilNanos) {

    /** Whether the call was surely on its way when the fault came. */
    boolean met(CallRecord call) {
      return call.startNanos() < fromNanos && call.endNanos() > byNanos;
    }
  }

  /** One fault, the calls that began in its round, and those that began after it. */
  private record Round(
      Fault fault, Injection injection, List<CallRecord> calls, List<CallRecord> later) {
    int inFlight() {
      return (int) calls.stream().filter(injection::met).count();
    }

    /** The calls at full speed that ended before the fault. */
    Stream<CallRecord> before() {
      return calls.stream().filter(c -> !c.paced() && c.endNanos() <= injection.fromNanos());
    }

    /** The calls at full speed that began when another origin had taken over. */
    Stream<CallRecord> after() {
      OptionalDouble failover = failoverMillis();
      if (failover.isEmpty()) {
        return Stream.of();
      }
      long switched = injection.fromNanos() + Math.round(failover.getAsDouble() * NANOS_PER_MILLI);
      return calls.stream().filter(c -> !c.paced() && c.startNanos() >= switched);
    }

    /**
     * How long it took from the fault until another origin had answered a call; where the fault
     * leaves the origin able to serve, until any had answered a call that began after it.
     */
    OptionalDouble failoverMillis() {
      return firstAnswer(
          calls.stream(),
          injection.fromNanos(),
          fault.leavesOrigins()
              ? c -> c.startNanos() >= injection.byNanos()
              : c -> !injection.origin().equals(c.servedBy()));
    }

    /** How long it took from the fault's end until the primary, if it was hit, had answered. */
    OptionalDouble failbackMillis() {
      long until = injection.untilNanos();
      return injection.primary()
          ? firstAnswer(
              Stream.concat(calls.stream(), later.stream()),
              until,
              c -> c.startNanos() >= until && injection.origin().equals(c.servedBy()))
          : OptionalDouble.empty();
    }

    private static OptionalDouble firstAnswer(
        Stream<CallRecord> calls, long from, Predicate<CallRecord> which) {
      return calls
          .filter(call -> call.ok() && call.servedBy() != null && call.endNanos() > from)
          .filter(which)
          .mapToDouble(call -> (call.endNanos() - from) / NANOS_PER_MILLI)
          .min();
    }
  }

  /** Adds it up. All calls are of the callee. */
  static Report report(
      Fault fault, Callee callee, List<CallRecord> calls, List<Injection> faults, Tally tally) {
    List<Round> rounds = rounds(fault, faults, calls);
    Predicate<CallRecord> unknown =
        call -> callee.tool().mayBeUnknown() && call.told().word() == Word.UNKNOWN;
    return new Report(
        fault.label(),
        callee.tool().label(),
        Optional.ofNullable(callee.transport()).map(Transport::label).orElse(null),
        calls.size(),
        rounds.stream().mapToInt(Round::inFlight).sum(),
        (int) rounds.stream().filter(round -> round.inFlight() > 0).count(),
        count(calls, call -> !call.ok() && !unknown.test(call)),
        count(calls, unknown),
        tally.lost(),
        tally.twice(),
        tally.late(),
        percentile(calls.stream().filter(call -> !call.paced()), 0.50),
        percentile(calls.stream().filter(call -> !call.paced()), 0.99),
        percentile(rounds.stream().flatMap(Round::before), 0.99),
        percentile(rounds.stream().flatMap(Round::after), 0.99),
        percentile(calls.stream(), 1.0),
        longest(rounds, Round::failoverMillis),
        longest(rounds, Round::failbackMillis),
        failures(calls.stream().filter(unknown.negate())));
  }

  private static List<Round> rounds(Fault fault, List<Injection> injections, List<CallRecord> all) {
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < injections.size(); i++) {
      long begin = injections.get(i).roundNanos();
      long end = i + 1 < injections.size() ? injections.get(i + 1).roundNanos() : Long.MAX_VALUE;
      rounds.add(
          new Round(
              fault,
              injections.get(i),
              all.stream().filter(c -> c.startNanos() >= begin && c.startNanos() < end).toList(),
              all.stream().filter(c -> c.startNanos() >= end).toList()));
    }
    return rounds;
  }

  private static int count(List<CallRecord> calls, Predicate<CallRecord> which) {
    return (int) calls.stream().filter(which).count();
  }

  private static Map<String, Integer> failures(Stream<CallRecord> calls) {
    return calls
        .flatMap(call -> Stream.ofNullable(call.failure()))
        .collect(Collectors.toMap(Function.identity(), _ -> 1, Integer::sum, TreeMap::new));
  }

  private static @Nullable Double longest(
      List<Round> rounds, Function<Round, OptionalDouble> millis) {
    OptionalDouble longest =
        rounds.stream().map(millis).flatMapToDouble(OptionalDouble::stream).max();
    return longest.isPresent() ? longest.getAsDouble() : null;
  }

  private static @Nullable Double percentile(Stream<CallRecord> calls, double share) {
    double[] millis = calls.mapToDouble(CallRecord::millis).sorted().toArray();
    return millis.length == 0 ? null : millis[(int) Math.ceil(share * millis.length) - 1];
  }
}
