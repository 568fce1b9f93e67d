package com.mcpist.deploy.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.Verifier;
import com.mcpist.deploy.verify.Verifier.Finding;

/**
 * Asks a site whether all that must hold does, and tells the origins from the entrance. A name, a
 * certificate and a zone's rules are no release's: an entrance that has never worked is waited for,
 * and its failing says nothing of what was deployed. That it has worked is kept with the
 * deployment's events.
 */
public record Inspection(Site site, Watcher watcher) {
  /** A new name's certificate may take 15 minutes. */
  private static final Duration NEW_ENTRANCE = Duration.ofMinutes(20);

  static final String ORIGINS_STAY = "Every origin passes its checks and keeps the release";

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String KIND = "entrance";

  private static final int LATEST = 200;

  public enum NewEntrance {
    WAIT,
    /** Whoever comes later waits for it, or nobody wants to. */
    LEAVE
  }

  public record Result(List<Finding> findings, boolean newEntrance) {

    public Outcome.Result result() {
      if (failed().isEmpty()) {
        return new Outcome.Result.Good();
      }
      return keeps()
          ? new Outcome.Result.Unreached(problem())
          : new Outcome.Result.Failed(problem());
    }

    /** Whether all fails that a release cannot be blamed for, and nothing else. */
    boolean keeps() {
      return newEntrance && failed().stream().allMatch(Finding::atEntrance);
    }

    List<Finding> failed() {
      return findings.stream().filter(finding -> !finding.passed()).toList();
    }

    String problem() {
      return failed().stream().map(Finding::told).collect(Collectors.joining("; "));
    }
  }

  /** Without a digest all must run the same. */
  public Result look(
      Collection<String> origins, Optional<String> digest, Duration limit, NewEntrance handling)
      throws InterruptedException {
    Verifier verifier = site.verifier(origins);
    Deadline deadline = Deadline.in(limit, site.time());
    Result seen = new Result(verifier.until(digest, this::tell, deadline), false);
    if (seen.failed().isEmpty()) {
      remember();
      return seen;
    }
    if (!seen.failed().stream().allMatch(Finding::atEntrance) || !isNew()) {
      return seen;
    }
    if (handling == NewEntrance.LEAVE) {
      return new Result(seen.findings(), true);
    }
    URI entrance = site.edge().orElseThrow().url();
    watcher.note(
        "%s has never worked before: it is waited for, for %s at most, and nothing is taken back for it."
            .formatted(entrance, ApiClient.seconds(NEW_ENTRANCE)));
    watcher.step("Waiting for " + entrance);
    Deadline patience = Deadline.in(NEW_ENTRANCE, site.time());
    Result waited = new Result(verifier.untilEntrance(digest, this::tell, patience, limit), true);
    if (waited.failed().isEmpty()) {
      remember();
    }
    return waited;
  }

  public static String advice(List<Finding> findings, String kept) {
    String first =
        new Result(findings, false).failed().stream().findFirst().map(Finding::advice).orElse("");
    return first + ". " + kept + "; once the entrance works, `mcpist verify` says so";
  }

  /** One line for each that fails: what fails first tells why the rest does. */
  private void tell(List<Finding> failed) {
    Map<String, Finding> first = new LinkedHashMap<>();
    failed.forEach(one -> first.putIfAbsent(one.subject(), one));
    first.forEach(
        (subject, one) -> watcher.origin(subject, one.check().title() + ": " + one.seen()));
  }

  /** Where that cannot be looked up it counts as one that worked: it is taken seriously. */
  public boolean isNew() throws InterruptedException {
    if (kept().isEmpty()) {
      return false;
    }
    try {
      return kept().get().events(LATEST, limit(), KIND).stream()
          .noneMatch(event -> event.message().equals(told()));
    } catch (AdminException e) {
      watcher.note("Whether the entrance has worked before is not known: " + e.getMessage());
      return false;
    }
  }

  private void remember() throws InterruptedException {
    if (kept().isEmpty()) {
      return;
    }
    try {
      Event works = Event.now(KIND, Optional.empty(), told());
      kept().get().keep(works.with(UUID.nameUUIDFromBytes(told().getBytes(UTF_8))), limit());
    } catch (AdminException e) {
      watcher.note("That the entrance works could not be recorded: " + e.getMessage());
    }
  }

  /** Where it is kept; empty where there is nothing to keep: no name, or nobody who remembers. */
  private Optional<AdminPath> kept() {
    return site.edge().filter(Entrance::isNamed).flatMap(_ -> site.admin());
  }

  private String told() {
    return site.edge().orElseThrow().url() + " works";
  }

  private Deadline limit() {
    return Deadline.in(LIMIT, site.time());
  }
}
