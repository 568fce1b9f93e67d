package com.mcpist.drill;

import module java.base;

import org.jspecify.annotations.Nullable;

/** From what clients saw and what the database holds to a report. Instants: System#nanoTime. */
final class Analysis {
  private static final double NANOS_PER_MILLI = 1e6;

  private Analysis() {}

  /**
   * One call as its client saw it. Its title is no other call's; paced are those that one client
   * makes between the rounds; a null failure is a result, and a null origin that none answered.
   */
  record CallRecord(
      String title,
      boolean paced,
      long startNanos,
      long endNanos,
      @Nullable String servedBy,
      @Nullable String failure,
      boolean mayBeSentAgain) {

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

  /** Adds it up; the map has how often each title is in the database. */
  static Report report(
      Fault fault, List<CallRecord> calls, List<Injection> faults, Map<String, Integer> saved) {
    List<Round> rounds = rounds(fault, faults, calls);
    return new Report(
        fault.label(),
        calls.size(),
        rounds.stream().mapToInt(Round::inFlight).sum(),
        (int) rounds.stream().filter(round -> round.inFlight() > 0).count(),
        count(calls, call -> !call.ok()),
        count(calls, call -> call.ok() && times(saved, call) == 0),
        count(calls, call -> times(saved, call) > 1 || brokenPromise(saved, call)),
        percentile(calls.stream().filter(call -> !call.paced()), 0.50),
        percentile(calls.stream().filter(call -> !call.paced()), 0.99),
        percentile(rounds.stream().flatMap(Round::before), 0.99),
        percentile(rounds.stream().flatMap(Round::after), 0.99),
        percentile(calls.stream(), 1.0),
        longest(rounds, Round::failoverMillis),
        longest(rounds, Round::failbackMillis),
        failures(calls));
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

  private static int times(Map<String, Integer> saved, CallRecord call) {
    return saved.getOrDefault(call.title(), 0);
  }

  /** Its client would send it again, as it was told it may, and so do it twice. */
  private static boolean brokenPromise(Map<String, Integer> saved, CallRecord call) {
    return !call.ok() && call.mayBeSentAgain() && times(saved, call) > 0;
  }

  private static Map<String, Integer> failures(List<CallRecord> calls) {
    return calls.stream()
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
