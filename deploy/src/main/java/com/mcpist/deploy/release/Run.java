package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.plan.Plan;
import com.mcpist.deploy.release.Inspection.NewEntrance;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Finding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** One deployment under way. */
final class Run {
  private final Site site;
  private final Order order;
  private final Plan plan;
  private final Map<String, Looked> looked;
  private final Cover cover;
  private final Bookkeeping books;
  private final Announcements announcements;
  private final Watcher watcher;
  private final Map<String, Rolled> rolled = new LinkedHashMap<>();
  private List<Finding> findings = List.of();

  /** What bringing it out has come to. */
  private sealed interface Brought {
    /** All that are to have it have it, and it is good. */
    record Good() implements Brought {}

    /** It is good as far as it can be seen: the entrance has never worked. */
    record Unreached(String problem) implements Brought {}

    /** Something is wrong: what has been changed is given back. */
    record Bad(String problem) implements Brought {}

    /** Nobody might serve while more is changed, and to give back is a change too. */
    record Uncovered(String problem) implements Brought {}

    /** For the records; empty where nothing is wrong. */
    default String told() {
      return switch (this) {
        case Good() -> "";
        case Unreached(String problem) -> problem;
        case Bad(String problem) -> problem;
        case Uncovered(String problem) -> problem;
      };
    }
  }

  Run(
      Site site,
      Order order,
      Plan plan,
      Map<String, Looked> looked,
      Cover cover,
      Bookkeeping books,
      Announcements announcements,
      Watcher watcher) {
    this.site = site;
    this.order = order;
    this.plan = plan;
    this.looked = Map.copyOf(looked);
    this.cover = cover;
    this.books = books;
    this.announcements = announcements;
    this.watcher = watcher;
  }

  /** From its beginning to its end, whatever that is. */
  Outcome go() throws InterruptedException {
    try {
      if (!plan.isEmpty()) {
        books.keep(State.RUNNING, "", List.of(), watcher);
      }
      Brought brought = bringOut();
      String problem = brought.told();
      boolean good = brought instanceof Brought.Good;
      if (!good) {
        watcher.failed(problem);
      }
      State state =
          switch (brought) {
            case Brought.Good _, Brought.Unreached _ -> State.SUCCEEDED;
            case Brought.Bad _ -> afterwards(true);
            case Brought.Uncovered _ -> afterwards(false);
          };
      if (!plan.isEmpty()) {
        // One of several commands: the last of them knows how it ends.
        boolean more = order.run().isPresent() && !order.verify() && good;
        books.keep(more ? State.RUNNING : state, problem, List.copyOf(rolled.values()), watcher);
        books.goesOn(more);
      }
      return outcome(state, problem, announce(state, problem));
    } catch (InterruptedException e) {
      leave();
      throw e;
    }
  }

  /**
   * What is done after a failure.
   *
   * @param covered whether somebody serves while origins get back what they had
   */
  private State afterwards(boolean covered) throws InterruptedException {
    // What a rollback has brought back was good; what was there before it was not.
    if (plan.isEmpty() || order.action() == Action.ROLLBACK || books.isLost()) {
      return State.FAILED;
    }
    List<Rolled> having = having();
    if (having.isEmpty()) {
      return State.RETURNED;
    }
    if (!covered) {
      return State.FAILED;
    }
    WayBack back = new WayBack(site, order, watcher);
    back.give(having).forEach(one -> rolled.put(one.origin(), one));
    return having.stream()
            .map(one -> Objects.requireNonNull(rolled.get(one.origin())))
            .allMatch(one -> one.result() == Rolled.Result.RETURNED)
        ? State.RETURNED
        : State.FAILED;
  }

  /** The origins that have the release, or may have it, also from a deployment that broke off. */
  private List<Rolled> having() {
    List<Rolled> having = new ArrayList<>();
    for (Looked one : looked.values()) {
      Rolled changed = rolled.get(one.standing().origin());
      if (changed != null) {
        if (changed.result() != Rolled.Result.UNTOUCHED) {
          having.add(changed);
        }
      } else if (one.change().isPresent() && one.standing().current()) {
        having.add(Rolled.unchanged(one.standing().origin(), one.change().get()));
      }
    }
    return having;
  }

  /** Changes the origins and verifies them. */
  private Brought bringOut() throws InterruptedException {
    Deadline deadline = Deadline.in(order.limits().rollout(), site.time());
    for (List<String> stage : plan.stages()) {
      if (books.isLost()) {
        return new Brought.Bad(
            "the deployment's lock is lost, and somebody else may be deploying: nothing more is"
                + " changed");
      }
      Optional<String> missing = order.force() ? Optional.empty() : cover.missing(stage, order);
      if (missing.isPresent()) {
        return new Brought.Uncovered("nothing more is changed: " + missing.get());
      }
      watcher.step("Deploying " + order.release() + " to " + String.join(" and ", stage));
      for (Rolled one : roll(stage, deadline)) {
        rolled.put(one.origin(), one);
      }
      Brought brought =
          judged(
              rolled.values().stream().filter(one -> !one.good()),
              one -> one.origin() + ": " + one.detail());
      boolean last = stage.equals(plan.stages().getLast());
      if (brought instanceof Brought.Good && !last) {
        brought = verify(stage, false);
      }
      if (!(brought instanceof Brought.Good)) {
        return brought;
      }
    }
    Brought answered =
        judged(
            looked.values().stream().filter(one -> !one.problem().isEmpty()),
            one -> one.standing().origin() + ": " + one.problem());
    return answered instanceof Brought.Good ? verify(included(), true) : answered;
  }

  private static <T> Brought judged(Stream<T> wrong, Function<T, String> told) {
    List<String> problems = wrong.map(told).toList();
    return problems.isEmpty() ? new Brought.Good() : new Brought.Bad(String.join("; ", problems));
  }

  private List<Rolled> roll(List<String> stage, Deadline deadline) throws InterruptedException {
    return Together.each(
        stage,
        RuntimeException.class,
        origin ->
            rollout(origin)
                .deploy(
                    Objects.requireNonNull(looked.get(origin)).change().orElseThrow(),
                    order.action(),
                    deadline));
  }

  private OriginRollout rollout(String origin) {
    return new OriginRollout(site.target(origin), site.gateway(), watcher, site.time());
  }

  private Brought verify(List<String> origins, boolean last) throws InterruptedException {
    if (!order.verify()) {
      return new Brought.Good();
    }
    watcher.step("Verifying " + String.join(" and ", origins));
    // Who goes back wants to be back soon.
    boolean waiting = last && order.action() == Action.DEPLOY;
    Inspection.Result seen =
        new Inspection(site, watcher)
            .look(
                origins,
                Optional.of(order.digest()),
                order.limits().verification(),
                waiting ? NewEntrance.WAIT : NewEntrance.LEAVE);
    findings = seen.findings();
    if (seen.failed().isEmpty()) {
      return new Brought.Good();
    }
    if (!seen.keeps()) {
      return new Brought.Bad(seen.problem());
    }
    // While others are to follow, an entrance that never worked is no reason to stop.
    return last ? new Brought.Unreached(seen.problem()) : new Brought.Good();
  }

  private List<String> included() {
    return site.names().stream().filter(order::includes).toList();
  }

  private List<String> announce(State state, String problem) {
    String what = order.told();
    if (problem.isEmpty()) {
      return order.verify()
          ? announcements.passed(what, String.join(" and ", included()) + " run " + order.release())
          : List.of();
    }
    String advice =
        switch (state) {
          case RETURNED ->
              "Every origin has the release again that it had. Read the logs, mend it, deploy"
                  + " again";
          case SUCCEEDED -> Inspection.advice(findings, Inspection.ORIGINS_STAY);
          case FAILED, RUNNING ->
              "`mcpist status` tells what runs where; `mcpist rollback` brings back what was good";
        };
    Optional<String> origin =
        findings.stream()
            .filter(finding -> !finding.passed() && site.names().contains(finding.subject()))
            .map(Finding::subject)
            .findFirst()
            .or(
                () ->
                    rolled.values().stream()
                        .filter(one -> !one.detail().isEmpty())
                        .map(Rolled::origin)
                        .findFirst());
    return announcements.failed(what, origin, problem, advice);
  }

  private Outcome outcome(State state, String problem, List<String> warnings) {
    return new Outcome(
        state,
        order.release(),
        order.digest(),
        !plan.isEmpty(),
        problem,
        rolled.values().stream().map(Rolled::outcome).toList(),
        findings,
        Optional.empty(),
        warnings);
  }

  /** Stopped half-way: the same command goes on where this one was. */
  private void leave() {
    try {
      books.keep(State.FAILED, "it was stopped", new ArrayList<>(rolled.values()), watcher);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
