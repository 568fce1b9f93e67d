package com.mcpist.e2e.history;

import com.mcpist.e2e.history.History.Effect;
import com.mcpist.e2e.history.History.Outcome;
import com.mcpist.e2e.history.History.Sending;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The promise, as rules about a history. Each returns what does not keep to it. What docs/design
 * says is possible, such as an answer that was on its way when its client left, is no violation.
 */
final class Rules {
  /** A mounted program is told of a call by pipes: a busy machine may take so long for that. */
  private static final long ON_ITS_WAY_MILLIS = 500;

  /** A client that leaves so shortly before the answer may have it. */
  private static final long DELIVERED_MILLIS = 250;

  /** A bit less than the minute for which an undelivered call is remembered. */
  private static final long REMEMBERED_MILLIS = 50_000;

  /** A call under which no other one runs. */
  private static final int MOST_DEATHS_ALONE = 2;

  private static final int MOST_DEATHS = 3;

  /**
   * The Worker counts a process as dead only when a probe sees the next one, which may die
   * meanwhile. On a busy machine that happens again and again: docs/design/worker.md says so.
   */
  private static final int MOST_DEATHS_BEHIND_WORKER = 12;

  private static final String WORKER = "WORKER";

  private Rules() {}

  /**
   * Something that must not happen.
   *
   * @param rule the name of the rule
   */
  record Violation(String rule, String callId, String text) {}

  /** All violations. */
  static List<Violation> check(History history) {
    List<Violation> all = new ArrayList<>();
    for (Call call : history.calls()) {
      List<Sending> sendings = history.sendingsOf(call);
      List<Effect> effects = history.effectsOf(call);
      all.addAll(answered(history, call, sendings));
      all.addAll(othersKey(call, sendings, effects));
      all.addAll(acknowledged(call, sendings, effects));
      all.addAll(notRun(call, sendings, effects));
      all.addAll(once(history, call, sendings, effects));
      all.addAll(late(call, sendings, effects));
      all.addAll(firstResult(call, sendings));
      all.addAll(deaths(history, call));
    }
    all.addAll(registers(history));
    all.addAll(ended(history));
    return all;
  }

  /** No origin ends that nothing of the schedule stops. */
  static List<Violation> ended(History history) {
    return history.deaths().stream()
        .filter(death -> death.callId().isEmpty())
        .map(death -> new Violation("ended", "", death.origin() + " has ended by itself"))
        .toList();
  }

  /** No call hangs or fails, and only one that acts outside once may have an unknown outcome. */
  static List<Violation> answered(History history, Call call, List<Sending> sendings) {
    List<Violation> found = new ArrayList<>();
    for (Sending sending : sendings) {
      boolean bad =
          switch (sending.outcome()) {
            case TOO_LATE, FAILED -> true;
            case UNKNOWN -> !mayBeUnknown(history, sending);
            case NOT_RUN -> !call.target().mounted() && !call.deadly();
            case KEY_TAKEN -> !call.hasOthersKey();
            case NOTHING -> !mayEnd(history, sending);
            case DONE -> false;
          };
      if (bad) {
        found.add(new Violation("answered", call.id(), sending.outcome() + ": " + sending.text()));
      }
    }
    return found;
  }

  /**
   * Beside a deadly call at the other edge, an edge cannot tell which call the processes end by. A
   * sleeper has only prepared its call, so that the other origin runs it.
   */
  private static boolean mayBeUnknown(History history, Sending sending) {
    if (looksDeadly(history, sending)) {
      return true;
    }
    return switch (sending.call().target().effect()) {
      case ONCE -> history.schedule().family() != Family.SLEEPER;
      case IDEMPOTENT ->
          history.schedule().family() == Family.DEADLY || endsPrograms(history.schedule());
      case READS, WRITES -> history.schedule().family() == Family.DEADLY;
    };
  }

  /**
   * Returns true if the schedule killed two origins while a client waited for this answer. An edge
   * cannot tell this from a call that ends the processes, so it sends the call to no third one.
   */
  private static boolean looksDeadly(History history, Sending sending) {
    return history.kills().stream()
            .filter(at -> sending.sentAt() <= at && at <= sending.endedAt())
            .count()
        >= MOST_DEATHS_ALONE;
  }

  /** A program that has ended several times is started again later than a call waits. */
  private static boolean endsPrograms(Schedule schedule) {
    return schedule.faults().stream().anyMatch(Step.EndProgram.class::isInstance);
  }

  /** A connection ends where its client leaves, or its edge is killed. */
  private static boolean mayEnd(History history, Sending sending) {
    return history.schedule().family() == Family.EDGE_KILLED
        || history.schedule().users().get(sending.call().user()).stream()
            .anyMatch(
                step ->
                    step instanceof Step.Send send
                        && send.call().equals(sending.call())
                        && send.manner() != Step.Manner.WAITS);
  }

  /** A key with other arguments is refused, and nothing runs. */
  static List<Violation> othersKey(Call call, List<Sending> sendings, List<Effect> effects) {
    List<Violation> found = new ArrayList<>();
    if (!call.hasOthersKey()) {
      return found;
    }
    sendings.stream()
        .filter(s -> s.outcome() == Outcome.DONE || s.outcome() == Outcome.UNKNOWN)
        .forEach(s -> found.add(new Violation("key", call.id(), "not refused: " + s.text())));
    effects.forEach(e -> found.add(new Violation("key", call.id(), "it ran: " + e)));
    return found;
  }

  /** Checks that each call happened of which a client was told that it is done. */
  static List<Violation> acknowledged(Call call, List<Sending> sendings, List<Effect> effects) {
    boolean told = sendings.stream().anyMatch(s -> s.outcome() == Outcome.DONE);
    boolean lost =
        told
            && call.target().effect() != Target.Effect.READS
            && !call.hasOthersKey()
            && effects.isEmpty();
    return lost
        ? List.of(new Violation("acknowledged", call.id(), "told that it is done, and it is not"))
        : List.of();
  }

  /** What all sendings were told did not run has not run, and does not run later. */
  static List<Violation> notRun(Call call, List<Sending> sendings, List<Effect> effects) {
    Set<Outcome> outcomes = sendings.stream().map(Sending::outcome).collect(Collectors.toSet());
    boolean ran = outcomes.equals(Set.of(Outcome.NOT_RUN)) && !effects.isEmpty();
    return ran
        ? List.of(new Violation("not run", call.id(), "told that it did not run: " + effects))
        : List.of();
  }

  /** A call that acts once, or writes, has at most one effect. */
  static List<Violation> once(
      History history, Call call, List<Sending> sendings, List<Effect> effects) {
    boolean twice =
        call.target().onlyOnce()
            && effects.size() > 1
            && !mayBeDelivered(call, sendings, effects)
            && !mayBeForgotten(sendings)
            && !diedWithItsIsolate(history, call, sendings);
    return twice
        ? List.of(new Violation("once", call.id(), effects.size() + " effects: " + effects))
        : List.of();
  }

  /** The answer was on its way when the client left, so the next sending is another call. */
  private static boolean mayBeDelivered(Call call, List<Sending> sendings, List<Effect> effects) {
    return sendings.stream()
        .filter(s -> s.outcome() == Outcome.NOTHING && s.key().isEmpty())
        .anyMatch(
            s ->
                call.target().mounted()
                    ? effects.stream()
                        .anyMatch(
                            e ->
                                e.at() <= s.endedAt()
                                    && e.answeredAt() != History.NEVER
                                    && e.answeredAt() - DELIVERED_MILLIS <= s.endedAt())
                    : s.endedAt() - s.sentAt() + DELIVERED_MILLIS >= call.holdMillis());
  }

  /** A client that has left has a minute to send the call again. */
  private static boolean mayBeForgotten(List<Sending> sendings) {
    return sendings.stream()
        .filter(s -> s.outcome() == Outcome.NOTHING && s.key().isEmpty())
        .anyMatch(
            left ->
                sendings.stream().anyMatch(s -> s.sentAt() - left.endedAt() > REMEMBERED_MILLIS));
  }

  /** A Worker that is killed has told nobody which of its clients have no answer. */
  private static boolean diedWithItsIsolate(History history, Call call, List<Sending> sendings) {
    return history.schedule().family() == Family.EDGE_KILLED
        && call.key().isEmpty()
        && sendings.stream().anyMatch(s -> s.edge().equals(WORKER));
  }

  /** An effect begins while a client waits for it, or has left before it was told anything. */
  static List<Violation> late(Call call, List<Sending> sendings, List<Effect> effects) {
    if (!call.target().onlyOnce()) {
      return List.of();
    }
    return effects.stream()
        .filter(e -> e.at() != History.NEVER)
        .filter(e -> sendings.stream().noneMatch(s -> mayBegin(s, e.at())))
        .map(e -> new Violation("late", call.id(), "it began after its client was told: " + e))
        .toList();
  }

  private static boolean mayBegin(Sending sending, long at) {
    boolean told = sending.outcome() != Outcome.NOTHING && sending.outcome() != Outcome.TOO_LATE;
    return sending.sentAt() <= at && (!told || at <= sending.endedAt() + ON_ITS_WAY_MILLIS);
  }

  /** All results of a call are the first one. */
  static List<Violation> firstResult(Call call, List<Sending> sendings) {
    Set<String> results =
        sendings.stream()
            .filter(s -> s.outcome() == Outcome.DONE)
            .map(Sending::token)
            .collect(Collectors.toSet());
    return call.target().effect() != Target.Effect.READS && results.size() > 1
        ? List.of(new Violation("first result", call.id(), "several results: " + results))
        : List.of();
  }

  /** A call ends two processes at most, or three if other calls share these two. */
  static List<Violation> deaths(History history, Call call) {
    long deaths = history.deaths().stream().filter(d -> d.callId().equals(call.id())).count();
    boolean alone = history.calls().size() == 1;
    boolean behindWorker = history.sendingsOf(call).stream().anyMatch(s -> s.edge().equals(WORKER));
    int most = behindWorker ? MOST_DEATHS_BEHIND_WORKER : alone ? MOST_DEATHS_ALONE : MOST_DEATHS;
    return deaths > most
        ? List.of(new Violation("deadly", call.id(), deaths + " processes died under it"))
        : List.of();
  }

  /** A register has the last acknowledged version, or a later one. */
  static List<Violation> registers(History history) {
    List<Violation> found = new ArrayList<>();
    Set<Integer> users =
        history.calls().stream()
            .filter(c -> c.version() > 0)
            .map(Call::user)
            .collect(Collectors.toSet());
    for (int user : users) {
      Set<String> ids =
          history.calls().stream()
              .filter(c -> c.user() == user && c.version() > 0)
              .map(Call::id)
              .collect(Collectors.toSet());
      int acknowledged =
          history.sendings().stream()
              .filter(s -> ids.contains(s.call().id()) && s.outcome() == Outcome.DONE)
              .mapToInt(s -> s.call().version())
              .max()
              .orElse(0);
      Optional<Effect> last =
          history.effects().stream()
              .filter(e -> ids.contains(e.callId()))
              .reduce((_, later) -> later);
      if (last.isPresent() && last.get().version() < acknowledged) {
        String text = "acknowledged: version " + acknowledged + ", last set: " + last.get();
        found.add(new Violation("register", last.get().callId(), text));
      }
    }
    return found;
  }
}
