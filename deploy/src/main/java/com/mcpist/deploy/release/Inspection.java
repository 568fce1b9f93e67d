package com.mcpist.deploy.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.Verifier;
import com.mcpist.deploy.verify.Verifier.Finding;

/**
 * Asks a site whether all that must hold does, and tells the origins from the entrance. A name, a
 * certificate and a zone's rules are no release's: an entrance that has never worked is waited for,
 * and its failing says nothing of what was deployed. That it has worked is kept with the
 * deployment's events.
 *
 * <p>What gives no answer at all says nothing of the release either: the machine that asks may have
 * no network. So the platform is asked how the origin is, and the release is bad only if the
 * platform says so. A question without an answer is asked again for some minutes, also where other
 * questions got one, since the network may come or go between them. An origin that then still
 * answers some questions and not others does something wrong.
 */
public record Inspection(Site site, Watcher watcher) {
  /** A new name's certificate may take 15 minutes. */
  private static final Duration NEW_ENTRANCE = Duration.ofMinutes(20);

  /** The time that a network between this machine and the origins has to come back. */
  private static final Duration NO_ANSWER = Duration.ofMinutes(5);

  static final String ORIGINS_STAY = "Every origin passes its checks and keeps the release";

  /** The advice after a release was kept that gave this machine no answer. */
  public static final String UNSEEN_ADVICE =
      "Look at the network of the machine that asks, and at the addresses in mcpist.yml. No"
          + " platform says that the release is bad, so it stays; `mcpist verify` asks again";

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Set<State> BAD = EnumSet.of(State.UNHEALTHY, State.FAILED, State.STOPPED);
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
      if (!keeps()) {
        return new Outcome.Result.Failed(problem());
      }
      boolean onlyNew = newEntrance && failed().stream().allMatch(Finding::atEntrance);
      return onlyNew
          ? new Outcome.Result.Unreached(problem())
          : new Outcome.Result.Unseen(problem());
    }

    /** Returns true if all fails that a release cannot be blamed for, and nothing else. */
    boolean keeps() {
      return failed().stream()
          .allMatch(finding -> !finding.answered() || (newEntrance && finding.atEntrance()));
    }

    /** Returns true if every check that failed got no answer. */
    boolean isUnseen() {
      return !failed().isEmpty() && failed().stream().noneMatch(Finding::answered);
    }

    List<Finding> failed() {
      return findings.stream().filter(finding -> !finding.passed()).toList();
    }

    String problem() {
      return failed().stream().map(Finding::told).collect(Collectors.joining("; "));
    }
  }

  /** Asks until all checks pass, or the limit is over. Without a digest, all must run the same. */
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
    boolean newEntrance = seen.failed().stream().anyMatch(Finding::atEntrance) && isNew();
    Result told = withPlatforms(new Result(seen.findings(), newEntrance));
    boolean certain = told.failed().stream().noneMatch(Finding::silent);
    if (handling == NewEntrance.LEAVE || (certain && !newEntrance)) {
      return told;
    }
    Duration wait = newEntrance ? NEW_ENTRANCE : NO_ANSWER;
    tellOfWait(told, wait);
    List<Finding> waited =
        verifier.untilExcused(
            digest,
            this::tell,
            finding -> finding.silent() || (newEntrance && finding.atEntrance()),
            Deadline.in(wait, site.time()),
            limit);
    Result result = new Result(waited, newEntrance);
    if (result.failed().isEmpty()) {
      remember();
    }
    return withPlatforms(result);
  }

  private void tellOfWait(Result seen, Duration wait) {
    if (seen.newEntrance()) {
      URI entrance = site.edge().orElseThrow().url();
      watcher.note(
          "%s has never worked before: it is waited for, for %s at most, and nothing is taken back for it."
              .formatted(entrance, ApiClient.seconds(wait)));
      watcher.step("Waiting for " + entrance);
    } else {
      watcher.note(
          "%s cannot be reached from here, and no platform says that the release is bad: the network is waited for, for %s at most."
              .formatted(String.join(" and ", silent(seen)), ApiClient.seconds(wait)));
      watcher.step("Waiting for an answer");
    }
  }

  private static Set<String> silent(Result seen) {
    return seen.failed().stream()
        .filter(Finding::silent)
        .map(Finding::subject)
        .filter(subject -> !subject.equals(Verifier.ALL))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Returns the findings, those of an origin confirmed if its platform says that it is bad. */
  private Result withPlatforms(Result unseen) throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    Map<String, Optional<String>> said = new HashMap<>();
    for (String subject : silent(unseen)) {
      said.put(subject, badByPlatform(subject));
    }
    for (Finding finding : unseen.findings()) {
      Optional<String> bad = said.getOrDefault(finding.subject(), Optional.empty());
      boolean confirmed = bad.isPresent() && !finding.passed();
      findings.add(confirmed ? finding.confirmed(bad.get()) : finding);
    }
    return new Result(findings, unseen.newEntrance());
  }

  private Optional<String> badByPlatform(String origin) throws InterruptedException {
    Optional<Platform> platform =
        site.targets().stream()
            .filter(target -> target.name().equals(origin))
            .flatMap(target -> target.platform().stream())
            .findFirst();
    if (platform.isEmpty()) {
      return Optional.empty();
    }
    try {
      Release release = platform.get().current(limit());
      return Optional.of("its platform says " + release.told())
          .filter(_ -> BAD.contains(release.state()));
    } catch (PlatformException e) {
      watcher.note("How " + origin + " is, is not known: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Returns what to do after a release was kept although checks failed. */
  public static String advice(List<Finding> findings, String kept) {
    Result seen = new Result(findings, false);
    if (seen.isUnseen() && !seen.failed().stream().allMatch(Finding::atEntrance)) {
      return UNSEEN_ADVICE;
    }
    String first = seen.failed().stream().findFirst().map(Finding::advice).orElse("");
    return first + ". " + kept + "; once the entrance works, `mcpist verify` says so";
  }

  /** Tells the first failed check of each subject, since it is the reason why the others fail. */
  private void tell(List<Finding> failed) {
    Map<String, Finding> first = new LinkedHashMap<>();
    failed.forEach(one -> first.putIfAbsent(one.subject(), one));
    first.forEach(
        (subject, one) -> watcher.origin(subject, one.check().title() + ": " + one.seen()));
  }

  /**
   * Returns true if the entrance has never worked. Returns false if that cannot be looked up, so
   * that a failure counts against the release.
   */
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
