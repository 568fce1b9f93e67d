package com.mcpist.drill;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One fault and the calls around it. Pure.
 *
 * @param calls those that began in its round
 * @param later those that began after it
 */
record Round(Fault fault, Injection injection, List<CallRecord> calls, List<CallRecord> later) {
  private static final double NANOS_PER_MILLI = 1e6;

  /** Deals the calls out. */
  static List<Round> of(Fault fault, List<Injection> injections, List<CallRecord> all) {
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
    return List.copyOf(rounds);
  }

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
    return fault.leavesOrigins()
        ? firstAnswer(calls, injection.fromNanos(), c -> c.startNanos() >= injection.byNanos())
        : firstAnswer(calls, injection.fromNanos(), c -> !injection.origin().equals(c.servedBy()));
  }

  /**
   * How long it took from the fault's end until the primary, if it was hit, had answered a call.
   */
  OptionalDouble failbackMillis() {
    return injection.primary()
        ? firstAnswer(
            Stream.concat(calls.stream(), later.stream()).toList(),
            injection.untilNanos(),
            c ->
                c.startNanos() >= injection.untilNanos() && injection.origin().equals(c.servedBy()))
        : OptionalDouble.empty();
  }

  private static OptionalDouble firstAnswer(
      List<CallRecord> calls, long from, Predicate<CallRecord> which) {
    return calls.stream()
        .filter(call -> call.ok() && call.servedBy() != null && call.endNanos() > from)
        .filter(which)
        .min(Comparator.comparingLong(CallRecord::endNanos))
        .stream()
        .mapToDouble(call -> (call.endNanos() - from) / NANOS_PER_MILLI)
        .findFirst();
  }
}
