package com.mcpist.deploy.release;

import com.mcpist.deploy.edgeclient.EdgeAdmin;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.Optional;

/**
 * What the Worker says of itself once a version is deployed.
 *
 * @param admin asks it; empty where it cannot be asked
 */
record WorkerAnswers(Optional<EdgeAdmin> admin, Watcher watcher, Time time) {
  private static final String SUBJECT = "worker";
  private static final Duration ASKING = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** A version needs some seconds until it serves everywhere. */
  private static final Duration SPREADING = Duration.ofSeconds(30);

  /** The trigger is each minute's, and what it records may take as long until it is seen. */
  private static final Duration TICKING = Duration.ofMinutes(3);

  private static final Duration BETWEEN_TICKS = Duration.ofSeconds(5);

  /**
   * Which release it says that it is.
   *
   * @param problem empty where it is the right one, or nobody can ask
   * @param silent whether nothing has answered at all
   */
  record Said(String problem, boolean silent) {
    static final Said NOTHING_WRONG = new Said("", false);
  }

  /** How a version is getting on. */
  void told(String step) {
    watcher.origin(SUBJECT, step);
  }

  /** Waits until the edge says itself that it is the release. */
  Said awaitRelease(String release) throws InterruptedException {
    if (admin.isEmpty() || release.isEmpty()) {
      watcher.note("The Worker is not asked which release it is: ADMIN_TOKEN is not set.");
      return Said.NOTHING_WRONG;
    }
    watcher.step("Waiting until the edge answers with " + release);
    Deadline deadline = Deadline.in(SPREADING, time);
    while (true) {
      Said said = ask(release, deadline);
      if (said.problem().isEmpty() || deadline.passed()) {
        return said;
      }
      deadline.sleep(PAUSE);
    }
  }

  private Said ask(String release, Deadline deadline) throws InterruptedException {
    String seen;
    boolean silent = false;
    try {
      seen = admin.orElseThrow().status(deadline.another(ASKING)).release().orElse("no release");
      if (seen.equals(release)) {
        return Said.NOTHING_WRONG;
      }
    } catch (EdgeException e) {
      seen = String.valueOf(e.getMessage());
      silent = true;
    }
    told(seen);
    return new Said("the edge does not answer with " + release + ", but with: " + seen, silent);
  }

  /**
   * Waits until the cron trigger has run the release: without it an origin that fails while nobody
   * calls is noticed by the first call.
   *
   * @return what a person should know; empty where it has run
   */
  Optional<String> awaitTick(String release) throws InterruptedException {
    if (admin.isEmpty() || release.isEmpty()) {
      return Optional.empty();
    }
    watcher.step("Waiting for the Worker's cron trigger");
    Deadline deadline = Deadline.in(TICKING, time);
    while (true) {
      String seen;
      try {
        Optional<EdgeStatus.Tick> last = admin.get().status(deadline.another(ASKING)).lastTick();
        if (last.filter(tick -> tick.release().equals(release)).isPresent()) {
          return Optional.empty();
        }
        seen = last.map(EdgeStatus.Tick::told).orElse("it has never run");
      } catch (EdgeException e) {
        seen = String.valueOf(e.getMessage());
      }
      told("cron trigger: " + seen);
      if (deadline.passed()) {
        return Optional.of(missed(seen));
      }
      deadline.sleep(BETWEEN_TICKS);
    }
  }

  private static String missed(String seen) {
    return "The Worker's cron trigger has not run in the "
        + ApiClient.seconds(TICKING)
        + " since this deployment ("
        + seen
        + "), and origins are watched by it. `terraform apply` makes the trigger, and a new one may"
        + " take a quarter of an hour; the dashboard shows its runs under the Worker's Settings,"
        + " Trigger Events. Nothing is taken back for it.";
  }
}
