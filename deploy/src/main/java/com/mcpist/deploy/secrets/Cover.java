package com.mcpist.deploy.secrets;

import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Sees to it that another origin serves while one starts again. */
record Cover(SecretSite site, boolean force, Watcher watcher) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int QUESTIONS = 3;

  /**
   * Waits until another origin serves.
   *
   * @throws SecretsException where none does after a while, and it is not done all the same
   */
  void await(Target changed, Deadline deadline) throws SecretsException, InterruptedException {
    if (!serves(changed, deadline)) {
      return; // Nothing is lost.
    }
    Deadline patience = deadline.another(PATIENCE);
    boolean told = false;
    while (!isCovered(changed.name(), deadline)) {
      if (patience.passed() || site.site().targets().size() == 1) {
        refuse(changed.name());
        return;
      }
      if (!told) {
        watcher.origin(changed.name(), "waiting until another origin serves");
        told = true;
      }
      patience.sleep(PAUSE);
    }
  }

  /** One question that fails is not enough to take an origin for one that serves nobody. */
  private boolean serves(Target changed, Deadline deadline) throws InterruptedException {
    boolean known =
        status(deadline)
            .flatMap(seen -> seen.origin(changed.name()))
            .filter(seen -> seen.state().equals("healthy"))
            .isPresent();
    return known || isHealthyAtLast(changed, deadline);
  }

  /** As {@link #isHealthy}, asked several times before it is given up. */
  static boolean isHealthyAtLast(Target origin, Deadline deadline) throws InterruptedException {
    for (int i = 1; i < QUESTIONS; i++) {
      if (isHealthy(origin, deadline)) {
        return true;
      }
      deadline.sleep(PAUSE);
    }
    return isHealthy(origin, deadline);
  }

  private void refuse(String origin) throws SecretsException {
    String problem = "while " + origin + " starts again, no other origin would serve";
    if (!force) {
      throw new SecretsException(
          problem
              + ": "
              + others(origin)
              + " must be healthy, and not drained. With --force it is done all the same");
    }
    watcher.note(problem);
  }

  private String others(String origin) {
    List<String> names = site.site().names().stream().filter(n -> !n.equals(origin)).toList();
    return names.isEmpty() ? "another one" : names.stream().collect(Collectors.joining(" or "));
  }

  private boolean isCovered(String origin, Deadline deadline) throws InterruptedException {
    Optional<EdgeStatus> status = status(deadline);
    for (Target other : site.site().targets()) {
      if (!other.name().equals(origin)
          && isSent(status, other.name())
          && isHealthy(other, deadline)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the edge would send it calls, as far as it can be asked. */
  private static boolean isSent(Optional<EdgeStatus> status, String origin) {
    return status
        .flatMap(seen -> seen.origin(origin))
        .map(seen -> seen.state().equals("healthy"))
        .orElse(true);
  }

  private Optional<EdgeStatus> status(Deadline deadline) throws InterruptedException {
    if (site.edge().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(site.edge().get().status(deadline.another(LOOK)));
    } catch (EdgeException _) {
      return Optional.empty();
    }
  }

  /** As strangers see it: which secret it knows does not matter. */
  static boolean isHealthy(Target origin, Deadline deadline) throws InterruptedException {
    return origin.client().health(Optional.empty(), deadline.another(LOOK)).ok();
  }
}
