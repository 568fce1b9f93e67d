package com.mcpist.deploy.secrets;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.platform.Wanted;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Brings values to a holder, and waits until the program there has shown that it runs with them.
 *
 * @param accesses what may be shown there, then
 */
record Delivery(SecretSite site, List<Access> accesses, Cover cover, Watcher watcher) {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LOOK = Duration.ofSeconds(10);

  Delivery {
    accesses = List.copyOf(accesses);
  }

  /** What it has. */
  Running ask(Holder holder, Deadline deadline) throws InterruptedException {
    return holder.challenge().ask(accesses, holder.names(), deadline.another(LOOK));
  }

  /**
   * Brings them there.
   *
   * @return what the store has done, by name
   */
  Map<String, SecretChange> deliver(Holder holder, Map<String, Secret> values, Deadline deadline)
      throws SecretsException, InterruptedException {
    if (holder.origin().isPresent()) {
      cover.await(holder.origin().get(), deadline);
    }
    Map<String, SecretChange> changes = store(holder, values, deadline);
    if (holder.origin().isPresent()) {
      restart(holder.origin().get(), holder.names(), deadline);
    }
    awaitProof(holder, values, deadline);
    return changes;
  }

  /** Only stores them: what runs does not see them yet. */
  Map<String, SecretChange> store(Holder holder, Map<String, Secret> values, Deadline deadline)
      throws SecretsException, InterruptedException {
    watcher.origin(holder.name(), "storing " + String.join(", ", new TreeSet<>(values.keySet())));
    try {
      return new TreeMap<>(holder.store().putSecrets(values, deadline));
    } catch (PlatformException e) {
      throw new SecretsException(e.getMessage(), e);
    }
  }

  private void restart(Target target, Set<String> names, Deadline deadline)
      throws SecretsException, InterruptedException {
    watcher.origin(target.name(), "starting again");
    Platform platform = target.platform().orElseThrow();
    try (Rollout rollout = begin(platform, names, deadline)) {
      var _ =
          rollout.awaitHealthy(
              step ->
                  watcher.origin(
                      target.name(),
                      step.detail().isEmpty()
                          ? step.told()
                          : step.told() + " (" + step.detail() + ")"),
              deadline);
    } catch (PlatformException e) {
      throw new SecretsException(e.getMessage(), e);
    }
  }

  /**
   * A name that what runs does not know yet has to be made known to it, also where an earlier run
   * broke off before that; where all are, it only starts again.
   */
  private static Rollout begin(Platform platform, Set<String> names, Deadline deadline)
      throws PlatformException, InterruptedException {
    Optional<ImageReference> image =
        platform.current(deadline).image().filter(running -> running.digest().isPresent());
    if (image.isEmpty()) {
      return platform.restart(deadline);
    }
    Rollout rollout = platform.deploy(new Wanted(image.get(), Map.of(), names), deadline);
    if (!rollout.unchanged()) {
      return rollout;
    }
    rollout.close();
    return platform.restart(deadline);
  }

  private void awaitProof(Holder holder, Map<String, Secret> values, Deadline deadline)
      throws SecretsException, InterruptedException {
    while (true) {
      Running running = ask(holder, deadline);
      Set<String> lacking = lacking(running, values);
      if (lacking.isEmpty() && isWell(holder, deadline)) {
        watcher.origin(holder.name(), "runs with " + String.join(", ", values.keySet()));
        return;
      }
      if (deadline.passed()) {
        throw new SecretsException(
            "%s is not seen running with %s after %s%s. Run it again, and look at its logs"
                .formatted(
                    holder.name(),
                    String.join(", ", lacking.isEmpty() ? values.keySet() : lacking),
                    ApiClient.seconds(deadline.length()),
                    running.answered() ? "" : ": " + running.problem()));
      }
      deadline.sleep(PAUSE);
    }
  }

  private static boolean isWell(Holder holder, Deadline deadline) throws InterruptedException {
    return holder.origin().isEmpty() || Cover.isHealthy(holder.origin().get(), deadline);
  }

  private static Set<String> lacking(Running running, Map<String, Secret> values) {
    Set<String> lacking = new TreeSet<>();
    values.forEach(
        (name, value) -> {
          if (!running.runs(name, value)) {
            lacking.add(name);
          }
        });
    return lacking;
  }
}
