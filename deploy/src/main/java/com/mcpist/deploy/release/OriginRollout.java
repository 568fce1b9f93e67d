package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.originclient.Health;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.release.Rolled.Result;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Brings one origin to a release, and back. */
record OriginRollout(Target target, Secret gateway, Watcher watcher, Time time) {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** As many as there can be between a release and the one that is put back. */
  private static final int HISTORY = 50;

  private interface Start {
    Rollout begin() throws PlatformException, InterruptedException;
  }

  /** Brings it to the release that is wanted, and waits until it is healthy. */
  Rolled deploy(Looked.Change looked, Action action, Deadline deadline)
      throws InterruptedException {
    Rolled start =
        new Rolled(
            target.name(), Result.UNTOUCHED, looked.before(), looked.digest(), "", Duration.ZERO);
    String digest = looked.wanted().image().digest().orElseThrow();
    return run(
        start,
        () -> begin(looked, action, deadline),
        digest,
        Result.DEPLOYED,
        Result.FAILED,
        deadline);
  }

  /** Brings it back to what it had. */
  Rolled giveBack(Rolled rolled, Deadline deadline) throws InterruptedException {
    watcher.origin(target.name(), "back to " + name(rolled.beforeDigest()));
    return run(
        rolled,
        () -> target.runner().restore(rolled.before(), deadline),
        rolled.beforeDigest(),
        Result.RETURNED,
        Result.STUCK,
        deadline);
  }

  /** An earlier release comes back with the environment that it had, where that is still known. */
  private Rollout begin(Looked.Change looked, Action action, Deadline deadline)
      throws PlatformException, InterruptedException {
    Platform platform = target.runner();
    if (action == Action.ROLLBACK) {
      Optional<Release> earlier =
          platform.history(HISTORY, deadline).stream()
              .filter(
                  release -> release.image().filter(looked.wanted().image()::sameImage).isPresent())
              .findFirst();
      if (earlier.isPresent()) {
        return platform.restore(earlier.get(), deadline);
      }
    }
    return platform.deploy(looked.wanted(), deadline);
  }

  private Rolled run(
      Rolled from, Start start, String digest, Result good, Result bad, Deadline deadline)
      throws InterruptedException {
    Instant began = time.now();
    boolean begun = false;
    try (Rollout rollout = start.begin()) {
      begun = true;
      boolean unchanged = rollout.unchanged();
      var _ =
          rollout.awaitHealthy(
              step -> watcher.origin(target.name(), told(step.told(), step.detail())), deadline);
      String problem = awaitRelease(digest, deadline);
      Result end = unchanged && good == Result.DEPLOYED ? Result.UNCHANGED : good;
      return from.then(problem.isEmpty() ? end : bad, problem, since(began));
    } catch (PlatformException e) {
      boolean untouched = !begun && bad == Result.FAILED && !mayHaveActed(e.kind());
      return from.then(
          untouched ? Result.UNTOUCHED : bad, String.valueOf(e.getMessage()), since(began));
    }
  }

  /** What the platform calls healthy may still be the old instance, or not see the database. */
  private String awaitRelease(String digest, Deadline deadline) throws InterruptedException {
    while (true) {
      Health health = target.client().health(Optional.of(gateway), deadline.another(LOOK));
      if (health.ok() && (digest.isEmpty() || health.digest().equals(digest))) {
        watcher.origin(target.name(), "healthy, " + health.release());
        return "";
      }
      String seen = health.ok() ? "it still answers as " + name(health.digest()) : health.told();
      watcher.origin(target.name(), "its platform calls it healthy; " + seen);
      if (deadline.passed()) {
        return "not healthy after "
            + ApiClient.seconds(deadline.length())
            + ": its platform calls it healthy, and on /health "
            + seen;
      }
      deadline.sleep(PAUSE);
    }
  }

  private static boolean mayHaveActed(PlatformException.Kind kind) {
    return switch (kind) {
      case UNKNOWN_OUTCOME, DEADLINE, UNAVAILABLE, FAILED -> true;
      case UNAUTHORIZED, NOT_FOUND, CONFLICT, RATE_LIMITED, REJECTED -> false;
    };
  }

  private Duration since(Instant began) {
    return Duration.between(began, time.now());
  }

  private static String told(String state, String detail) {
    return detail.isEmpty() ? state : state + " (" + detail + ")";
  }

  private static String name(String digest) {
    return digest.isEmpty() ? "what it had" : ImageReference.brief(digest);
  }
}
