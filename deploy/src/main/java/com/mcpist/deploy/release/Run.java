package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.plan.Plan;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** One deployment under way. */
final class Run {
  /** However little time a release is given: what was there before is given this much. */
  private static final Duration WAY_BACK = Duration.ofMinutes(5);

  private final Site site;
  private final Order order;
  private final Plan plan;
  private final Map<String, Looked> looked;
  private final Bookkeeping books;
  private final Announcements announcements;
  private final Watcher watcher;
  private final Map<String, Rolled> rolled = new LinkedHashMap<>();
  private List<Finding> findings = List.of();

  Run(
      Site site,
      Order order,
      Plan plan,
      Map<String, Looked> looked,
      Bookkeeping books,
      Announcements announcements,
      Watcher watcher) {
    this.site = site;
    this.order = order;
    this.plan = plan;
    this.looked = Map.copyOf(looked);
    this.books = books;
    this.announcements = announcements;
    this.watcher = watcher;
  }

  /** From its beginning to its end, whatever that is. */
  Outcome go() throws DeployException, InterruptedException {
    try {
      if (!plan.isEmpty()) {
        books.keep(State.RUNNING, "", List.of(), watcher);
      }
      String problem = bringOut();
      if (!problem.isEmpty()) {
        watcher.failed(problem);
      }
      State state = problem.isEmpty() ? State.SUCCEEDED : giveBack();
      if (!plan.isEmpty()) {
        // One of several commands: the last of them knows how it ends.
        boolean more = order.run().isPresent() && !order.verify() && problem.isEmpty();
        books.keep(more ? State.RUNNING : state, problem, List.copyOf(rolled.values()), watcher);
      }
      return outcome(state, problem, announce(state, problem));
    } catch (InterruptedException e) {
      leave();
      throw e;
    }
  }

  /**
   * Changes the origins and verifies them.
   *
   * @return what is wrong; empty where nothing is
   */
  private String bringOut() throws DeployException, InterruptedException {
    Deadline deadline = Deadline.in(order.limits().rollout(), site.time());
    for (List<String> stage : plan.stages()) {
      books.check();
      watcher.step("Deploying " + order.release() + " to " + String.join(" and ", stage));
      for (Rolled one : roll(stage, deadline)) {
        rolled.put(one.origin(), one);
      }
      String problem = problems();
      boolean last = stage.equals(plan.stages().getLast());
      if (problem.isEmpty() && !last) {
        problem = verify(stage);
      }
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    return verify(site.names().stream().filter(order::includes).toList());
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

  private String problems() {
    return rolled.values().stream()
        .filter(one -> !one.good())
        .map(one -> one.origin() + ": " + one.detail())
        .collect(Collectors.joining("; "));
  }

  private String verify(List<String> origins) throws InterruptedException {
    if (!order.verify()) {
      return "";
    }
    watcher.step("Verifying " + String.join(" and ", origins));
    findings =
        site.verifier(origins)
            .until(
                Optional.of(order.digest()),
                failed -> failed.forEach(this::tell),
                Deadline.in(order.limits().verification(), site.time()));
    return findings.stream()
        .filter(finding -> !finding.passed())
        .map(Finding::told)
        .collect(Collectors.joining("; "));
  }

  private void tell(Finding finding) {
    watcher.origin(finding.subject(), finding.check().title() + ": " + finding.seen());
  }

  /** Every origin that has it, or may have it, gets back what it had. */
  private State giveBack() throws InterruptedException {
    List<Rolled> touched = rolled.values().stream().filter(Rolled::touched).toList();
    if (touched.isEmpty()) {
      return State.RETURNED;
    }
    try {
      books.check();
    } catch (DeployException e) {
      watcher.note(String.valueOf(e.getMessage()));
      return State.FAILED;
    }
    watcher.step(
        "Giving back what was there before, to "
            + touched.stream().map(Rolled::origin).collect(Collectors.joining(" and ")));
    Duration limit = order.limits().rollout();
    Deadline deadline = Deadline.in(limit.compareTo(WAY_BACK) < 0 ? WAY_BACK : limit, site.time());
    List<Rolled> back =
        Together.each(
            touched, RuntimeException.class, one -> rollout(one.origin()).giveBack(one, deadline));
    back.forEach(one -> rolled.put(one.origin(), one));
    return back.stream().allMatch(one -> one.result() == Rolled.Result.RETURNED)
        ? State.RETURNED
        : State.FAILED;
  }

  private List<String> announce(State state, String problem) {
    String what = order.told();
    if (problem.isEmpty()) {
      return order.verify()
          ? announcements.passed(what, "all origins run " + order.release())
          : List.of();
    }
    String advice =
        state == State.RETURNED
            ? "Every origin has the release again that it had. Read the logs, mend it, deploy again"
            : "Not every origin has the release again that it had: `mcpist status` tells which,"
                + " `mcpist rollback` brings them back";
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
