package com.mcpist.drill;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From what clients saw and what the database holds to a report. Pure. */
final class Analysis {
  private Analysis() {}

  /**
   * Adds it up.
   *
   * @param calls all that were made
   * @param saved how often each title is in the database
   */
  static Report report(
      Fault fault, List<CallRecord> calls, List<Injection> faults, Map<String, Integer> saved) {
    List<Round> rounds = Round.of(fault, faults, calls);
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
