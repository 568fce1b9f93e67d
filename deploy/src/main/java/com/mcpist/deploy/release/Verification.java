package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.ReleaseRecord;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** Verifies what runs, and ends the run of commands that has deployed it. */
public record Verification(Site site, Announcements announcements, Watcher watcher) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final int LATEST = 50;

  /**
   * What it has come to.
   *
   * @param digest what the run has deployed; empty where there is none
   * @param release what people call that
   * @param warnings what else a person should know
   */
  public record Result(
      List<Finding> findings,
      Optional<String> digest,
      Optional<String> release,
      List<String> warnings) {
    /** As given. */
    public Result {
      findings = List.copyOf(findings);
      warnings = List.copyOf(warnings);
    }

    /** Whether everything holds. */
    public boolean passed() {
      return findings.stream().allMatch(Finding::passed);
    }

    /** What does not. */
    public String problem() {
      return findings.stream()
          .filter(finding -> !finding.passed())
          .map(Finding::told)
          .collect(Collectors.joining("; "));
    }
  }

  /**
   * Asks until everything holds, or the time is over.
   *
   * @param run the commands that this one is the last of; empty: it is one alone
   * @param telling whether people are told of a failure, and of the recovery from it
   */
  public Result verify(Optional<String> run, boolean telling, Duration limit)
      throws InterruptedException {
    Optional<ReleaseRecord> record = run.isEmpty() ? Optional.empty() : record(run.get());
    watcher.step("Verifying " + String.join(" and ", site.names()));
    List<Finding> findings =
        site.verifier(site.names())
            .until(
                record.map(ReleaseRecord::digest),
                failed ->
                    failed.forEach(
                        one ->
                            watcher.origin(one.subject(), one.check().title() + ": " + one.seen())),
                Deadline.in(limit, site.time()));
    Result result =
        new Result(
            findings,
            record.map(ReleaseRecord::digest),
            record.map(ReleaseRecord::release),
            List.of());
    if (!result.passed()) {
      watcher.failed(result.problem());
    }
    if (run.isPresent()) {
      end(run.get(), record, result);
    }
    return telling ? new Result(findings, result.digest(), result.release(), tell(result)) : result;
  }

  private List<String> tell(Result result) {
    if (result.passed()) {
      return announcements.passed("verification", "every check passes");
    }
    Finding first =
        result.findings().stream().filter(one -> !one.passed()).findFirst().orElseThrow();
    Optional<String> origin =
        Optional.of(first.subject()).filter(subject -> site.names().contains(subject));
    return announcements.failed("verification", origin, result.problem(), first.advice());
  }

  private Optional<ReleaseRecord> record(String run) throws InterruptedException {
    UUID id = Runs.release(run);
    try {
      return admin().releases(LATEST, Deadline.in(LIMIT, site.time())).stream()
          .filter(record -> record.id().equals(id))
          .findFirst();
    } catch (AdminException | DeployException e) {
      watcher.note("What the run has deployed is not known: " + e.getMessage());
      return Optional.empty();
    }
  }

  private void end(String run, Optional<ReleaseRecord> record, Result result)
      throws InterruptedException {
    UUID lock = Runs.lock(run);
    Deadline deadline = Deadline.in(LIMIT, site.time());
    try {
      if (record.isPresent()) {
        ReleaseRecord kept = record.get();
        var _ = admin().lock(lock, kept.who(), "verification", LEASE, deadline);
        State state = result.passed() ? State.SUCCEEDED : State.FAILED;
        var _ = admin().keep(kept.with(state, result.problem(), kept.origins()), lock, deadline);
      }
      admin().unlock(lock, deadline);
    } catch (AdminException | DeployException e) {
      watcher.note("This could not be recorded: " + e.getMessage());
    }
  }

  private AdminPath admin() throws DeployException {
    return site.admin()
        .orElseThrow(
            () ->
                new DeployException("ADMIN_TOKEN is not set: a run is known by the origins only"));
  }
}
