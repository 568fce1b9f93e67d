package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.release.Announcements.Warning;
import com.mcpist.deploy.release.DeploymentLock.Owner;
import com.mcpist.deploy.release.Inspection.NewEntrance;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.deploy.verify.OriginClient.Health;
import com.mcpist.deploy.verify.Verifier;
import com.mcpist.deploy.verify.Verifier.Finding;
import com.mcpist.deploy.verify.Verifier.Finding.Check;

public record Verification(Site site, Announcements announcements, Watcher watcher) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int LATEST = 50;
  private static final String CHECK = "verification";

  /**
   * What was found.
   *
   * @param keeps whether nothing fails that the release can be blamed for: only an entrance that
   *     has never worked, or only what could not be reached
   */
  public record Result(
      List<Finding> findings,
      Optional<String> digest,
      Optional<String> release,
      boolean keeps,
      List<String> warnings) {

    public boolean passed() {
      return findings.stream().allMatch(Finding::passed);
    }

    public boolean isBad() {
      return !passed() && !keeps;
    }

    /**
     * Returns true if origins failed checks, and it is known of each of them how it is: it has
     * answered itself, or its platform says that it is bad.
     */
    public boolean knowsBadOrigins() {
      List<Finding> failed =
          findings.stream().filter(finding -> !finding.passed() && finding.ofOrigin()).toList();
      return !failed.isEmpty() && failed.stream().allMatch(Finding::answered);
    }

    /** Returns true if an origin could not be reached, and nothing else says that it is bad. */
    public boolean isUnseen() {
      Inspection.Result seen = new Inspection.Result(findings, false);
      return seen.isUnseen() && !seen.failed().stream().allMatch(Finding::atEntrance);
    }

    public String problem() {
      return new Inspection.Result(findings, false).problem();
    }

    /** Returns the same result with one more check that failed: the run has not been ended. */
    private Result withoutEnd(String run, String problem) {
      Finding finding =
          new Finding(
                  Check.RUN_ENDED,
                  Verifier.ALL,
                  false,
                  "the origins keep how the run ended",
                  problem,
                  "Run `mcpist verify --run " + run + "` again")
              .unanswered();
      List<Finding> all = Stream.concat(findings.stream(), Stream.of(finding)).toList();
      return new Result(all, digest, release, passed() || keeps, warnings);
    }

    private Result with(List<String> told) {
      return new Result(findings, digest, release, keeps, told);
    }
  }

  /** Problems for which no check fails yet, and whether all programs could be asked for them. */
  private record Outlook(List<Warning> warnings, boolean seenAll) {}

  /**
   * Verifies the site, as the last command of a run or alone. A run is ended, and its record says
   * how. A new entrance is waited for longer than the limit.
   */
  public Result verify(Optional<String> run, boolean telling, Duration limit)
      throws InterruptedException {
    Known known = run.isEmpty() ? Known.NOTHING : known(run.get());
    Optional<ReleaseRecord> record = known.record();
    Taken taken = run.isEmpty() ? Taken.nothing(watcher) : take(run, record);
    try (DeploymentLock lock = taken.lock()) {
      Result result = verified(record, limit);
      Optional<String> problem = record.isPresent() ? taken.problem() : known.problem();
      if (record.isPresent() && problem.isEmpty()) {
        State state = state(result, record.get());
        ReleaseRecord kept = record.get().with(state, result.problem(), record.get().origins());
        problem =
            lock.write(
                "This",
                admin -> {
                  lock.renewNow();
                  var _ = admin.keep(kept, lock.token(), lock.limit());
                });
      }
      if (problem.isPresent()) {
        result = result.withoutEnd(run.orElseThrow(), problem.get());
      }
      Outlook outlook = outlook();
      List<String> told =
          new ArrayList<>(outlook.warnings().stream().map(Warning::message).toList());
      if (telling) {
        told.addAll(tell(result));
        told.addAll(announcements.warn(CHECK, outlook.warnings(), outlook.seenAll()));
      }
      return result.with(told);
    }
  }

  /**
   * What the origins know of a run.
   *
   * @param record the run's deployment; empty if the run has deployed nothing, or if that is not
   *     known
   * @param problem the reason why it is not known
   */
  private record Known(Optional<ReleaseRecord> record, Optional<String> problem) {
    static final Known NOTHING = new Known(Optional.empty(), Optional.empty());
  }

  /**
   * The lock of a run.
   *
   * @param lock the lock; a lock of nothing if it could not be taken
   * @param problem the reason why it could not be taken
   */
  private record Taken(DeploymentLock lock, Optional<String> problem) {
    static Taken nothing(Watcher watcher) {
      return new Taken(DeploymentLock.none(watcher), Optional.empty());
    }
  }

  /** What nobody has seen has neither failed nor succeeded: it stays what it was. */
  private static State state(Result result, ReleaseRecord record) {
    if (result.isUnseen()) {
      return record.state();
    }
    return result.isBad() ? State.FAILED : State.SUCCEEDED;
  }

  private Outlook outlook() throws InterruptedException {
    Map<String, OriginClient> clients = new LinkedHashMap<>();
    site.targets().forEach(target -> clients.put(target.name(), target.client()));
    site.edge().ifPresent(edge -> clients.put("edge", edge.client()));
    Deadline deadline = Deadline.in(LIMIT, site.time());
    List<Warning> found = new ArrayList<>();
    boolean seenAll = true;
    for (Map.Entry<String, OriginClient> each : clients.entrySet()) {
      Health health = each.getValue().health(Optional.empty(), deadline);
      seenAll &= health.reason().isEmpty();
      health
          .certificate()
          .map(problem -> "%s at %s: %s".formatted(each.getKey(), each.getValue().url(), problem))
          .ifPresent(text -> found.add(new Warning("certificate", each.getKey(), text)));
    }
    return new Outlook(found, seenAll);
  }

  private Result verified(Optional<ReleaseRecord> record, Duration limit)
      throws InterruptedException {
    watcher.step("Verifying " + String.join(" and ", site.names()));
    Inspection.Result seen =
        new Inspection(site, watcher)
            .look(site.names(), record.map(ReleaseRecord::digest), limit, NewEntrance.WAIT);
    if (!seen.problem().isEmpty()) {
      watcher.failed(seen.problem());
    }
    return new Result(
        seen.findings(),
        record.map(ReleaseRecord::digest),
        record.map(ReleaseRecord::release),
        seen.keeps(),
        List.of());
  }

  private List<String> tell(Result result) {
    if (result.passed()) {
      return announcements.passed(CHECK, "every check passes");
    }
    Finding first =
        result.findings().stream().filter(one -> !one.passed()).findFirst().orElseThrow();
    Optional<String> origin =
        Optional.of(first.subject()).filter(subject -> site.names().contains(subject));
    String advice =
        result.keeps()
            ? Inspection.advice(result.findings(), Inspection.ORIGINS_STAY)
            : first.advice();
    return announcements.failed(CHECK, origin, result.problem(), advice);
  }

  private Known known(String run) throws InterruptedException {
    if (site.admin().isEmpty()) {
      watcher.note("What the run has deployed is not recorded: ADMIN_TOKEN is not set.");
      return Known.NOTHING;
    }
    UUID id = DeploymentLock.recordId(run);
    try {
      Optional<ReleaseRecord> record =
          site.admin().get().releases(LATEST, Deadline.in(LIMIT, site.time())).stream()
              .filter(kept -> kept.id().equals(id))
              .findFirst();
      return new Known(record, Optional.empty());
    } catch (AdminException e) {
      String problem = "what the run has deployed is not known: " + e.getMessage();
      watcher.note(problem);
      return new Known(Optional.empty(), Optional.of(problem));
    }
  }

  /**
   * Takes the run's lock again. The run keeps it for a quarter of an hour only, and a new entrance
   * may take longer.
   */
  private Taken take(Optional<String> run, Optional<ReleaseRecord> record)
      throws InterruptedException {
    String who = record.map(ReleaseRecord::who).orElse(CHECK);
    try {
      Owner owner = new Owner(who, CHECK);
      DeploymentLock lock = DeploymentLock.take(site, run, owner, Duration.ZERO, watcher);
      return new Taken(lock, Optional.empty());
    } catch (AdminException | DeployException e) {
      String problem = "without lock: " + e.getMessage();
      watcher.note(problem);
      return new Taken(DeploymentLock.none(watcher), Optional.of(problem));
    }
  }
}
