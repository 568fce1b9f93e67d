package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.admin.HeldLock;
import com.mcpist.deploy.release.Inspection.NewEntrance;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Verifier.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

public record Verification(Site site, Announcements announcements, Watcher watcher) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final int LATEST = 50;

  /** {@code keeps}: nothing fails but an entrance that has never worked. */
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

    public String problem() {
      return new Inspection.Result(findings, false).problem();
    }
  }

  /**
   * As the last of a run of commands, or alone. A new entrance is waited for longer than the limit.
   */
  public Result verify(Optional<String> run, boolean telling, Duration limit)
      throws InterruptedException {
    Optional<ReleaseRecord> record = run.isEmpty() ? Optional.empty() : record(run.get());
    Optional<HeldLock> lock =
        run.isEmpty() || record.isEmpty() ? Optional.empty() : lock(run.get(), record.get());
    try {
      Result result = verified(record, limit);
      if (run.isPresent()) {
        end(run.get(), record, lock.isPresent(), result);
      }
      return telling
          ? new Result(
              result.findings(), result.digest(), result.release(), result.keeps(), tell(result))
          : result;
    } finally {
      lock.ifPresent(HeldLock::close);
    }
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
      return announcements.passed("verification", "every check passes");
    }
    Finding first =
        result.findings().stream().filter(one -> !one.passed()).findFirst().orElseThrow();
    Optional<String> origin =
        Optional.of(first.subject()).filter(subject -> site.names().contains(subject));
    String advice =
        result.keeps()
            ? Inspection.advice(result.findings(), Inspection.ORIGINS_STAY)
            : first.advice();
    return announcements.failed("verification", origin, result.problem(), advice);
  }

  private Optional<ReleaseRecord> record(String run) throws InterruptedException {
    UUID id = DeploymentLock.recordId(run);
    try {
      return admin().releases(LATEST, Deadline.in(LIMIT, site.time())).stream()
          .filter(record -> record.id().equals(id))
          .findFirst();
    } catch (AdminException | DeployException e) {
      watcher.note("What the run has deployed is not known: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A run's lock is kept for a quarter of an hour, and a new entrance may take longer. */
  private Optional<HeldLock> lock(String run, ReleaseRecord record) throws InterruptedException {
    try {
      return Optional.of(
          HeldLock.take(
              admin(),
              DeploymentLock.token(run),
              new HeldLock.Owner(record.who(), "verification"),
              Deadline.in(Duration.ZERO, site.time()),
              watcher::note,
              site.time()));
    } catch (AdminException | DeployException e) {
      watcher.note("Without lock: " + e.getMessage());
      return Optional.empty();
    }
  }

  private void end(String run, Optional<ReleaseRecord> record, boolean locked, Result result)
      throws InterruptedException {
    UUID lock = DeploymentLock.token(run);
    Deadline deadline = Deadline.in(LIMIT, site.time());
    try {
      if (record.isPresent()) {
        ReleaseRecord kept = record.get();
        var _ = admin().lock(lock, kept.who(), "verification", LEASE, deadline);
        State state = result.passed() || result.keeps() ? State.SUCCEEDED : State.FAILED;
        var _ = admin().keep(kept.with(state, result.problem(), kept.origins()), lock, deadline);
      }
      if (!locked) {
        admin().unlock(lock, deadline);
      }
    } catch (AdminException | DeployException e) {
      watcher.note("This could not be recorded: " + e.getMessage());
    }
  }

  private AdminPath admin() throws DeployException {
    return site.admin("a run is known by the origins only");
  }
}
