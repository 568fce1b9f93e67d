package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.OriginClient.Health;

record OriginRollout(Target target, Site site, Watcher watcher) {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** The number of earlier releases among which the one to put back is looked for. */
  private static final int HISTORY = 50;

  private interface Start {
    Rollout begin() throws InterruptedException;
  }

  enum End {
    /** It has the release and is healthy. */
    DEPLOYED,
    /** It had it. */
    UNCHANGED,
    /** It has it as its platform says, and gives this machine no answer. */
    UNSEEN,
    /** It may have it, and is not healthy with it. */
    FAILED,
    /** Nothing has been done with it. */
    UNTOUCHED,
    /** It has what it had before. */
    RETURNED,
    /** It should have what it had before, and has not. */
    STUCK
  }

  record Result(
      String origin, End end, Release before, String beforeDigest, String detail, Duration took) {

    static Result of(String origin, End end, Deployer.Change change) {
      return new Result(origin, end, change.before(), change.digest(), "", Duration.ZERO);
    }

    Result withBefore(Release known, String digest) {
      return new Result(origin, end, known, digest, detail, took);
    }

    boolean good() {
      return end == End.DEPLOYED || end == End.UNCHANGED;
    }

    Result then(End next, String why, Duration more) {
      String told = detail.isEmpty() || why.isEmpty() ? detail + why : detail + "; " + why;
      return new Result(origin, next, before, beforeDigest, told, took.plus(more));
    }

    private String word() {
      return end.name().toLowerCase(Locale.ROOT);
    }

    ReleaseRecord.Part recorded() {
      return new ReleaseRecord.Part(origin, word(), beforeDigest, detail);
    }

    Outcome.Part outcome() {
      return new Outcome.Part(origin, word(), beforeDigest, detail, took.toMillis() / 1000.0);
    }
  }

  /**
   * The reason why an origin does not count as healthy. {@code silent} is true if the origin gave
   * no answer at all.
   */
  private record Wrong(String why, boolean silent) {}

  Result deploy(Deployer.Change change, Action action, Deadline deadline)
      throws InterruptedException {
    return run(
        Result.of(target.name(), End.UNTOUCHED, change),
        () -> begin(change, action, deadline),
        change.wanted().image().digest().orElseThrow(),
        End.DEPLOYED,
        End.FAILED,
        deadline);
  }

  Result giveBack(Result deployed, Deadline deadline) throws InterruptedException {
    watcher.origin(target.name(), "back to " + name(deployed.beforeDigest()));
    return run(
        deployed,
        () -> target.runner().restore(deployed.before(), deadline),
        deployed.beforeDigest(),
        End.RETURNED,
        End.STUCK,
        deadline);
  }

  /** An earlier release comes back with the environment that it had, where that is still known. */
  private Rollout begin(Deployer.Change change, Action action, Deadline deadline)
      throws InterruptedException {
    Platform platform = target.runner();
    Optional<Release> earlier =
        action == Action.ROLLBACK ? earlier(change.wanted().image(), deadline) : Optional.empty();
    return earlier.isPresent()
        ? platform.restore(earlier.get(), deadline)
        : platform.deploy(change.wanted(), deadline);
  }

  Optional<Release> earlier(ImageReference image, Deadline deadline) throws InterruptedException {
    return target.runner().history(HISTORY, deadline).stream()
        .filter(release -> release.image().filter(image::sameImage).isPresent())
        .findFirst();
  }

  private Result run(Result from, Start start, String digest, End good, End bad, Deadline deadline)
      throws InterruptedException {
    Instant began = site.time().now();
    boolean begun = false;
    try (Rollout rollout = start.begin()) {
      begun = true;
      boolean unchanged = rollout.unchanged();
      var _ =
          rollout.awaitHealthy(step -> watcher.origin(target.name(), step.toString()), deadline);
      Optional<Wrong> wrong = awaitRelease(digest, deadline);
      if (wrong.isPresent()) {
        boolean unseen = wrong.get().silent() && bad == End.FAILED;
        return from.then(unseen ? End.UNSEEN : bad, wrong.get().why(), since(began));
      }
      End end = unchanged && good == End.DEPLOYED ? End.UNCHANGED : good;
      return from.then(end, "", since(began));
    } catch (PlatformException e) {
      boolean untouched = !begun && bad == End.FAILED && !mayHaveActed(e.kind());
      return from.then(
          untouched ? End.UNTOUCHED : bad, String.valueOf(e.getMessage()), since(began));
    }
  }

  /** What the platform calls healthy may still be the old instance, or not see the database. */
  private Optional<Wrong> awaitRelease(String digest, Deadline deadline)
      throws InterruptedException {
    while (true) {
      Health health = target.client().health(Optional.of(site.gateway()), deadline.another(LOOK));
      if (health.ok() && (digest.isEmpty() || health.digest().equals(digest))) {
        watcher.origin(target.name(), "healthy, " + health.release());
        return Optional.empty();
      }
      String seen = health.ok() ? "it still answers as " + name(health.digest()) : health.told();
      watcher.origin(target.name(), "its platform calls it healthy; " + seen);
      if (deadline.passed()) {
        String why =
            "not healthy after %s: its platform calls it healthy, and on /health %s"
                .formatted(ApiClient.seconds(deadline.length()), seen);
        return Optional.of(new Wrong(why, !health.answered()));
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
    return Duration.between(began, site.time().now());
  }

  private static String name(String digest) {
    return digest.isEmpty() ? "what it had" : ImageReference.brief(digest);
  }
}
