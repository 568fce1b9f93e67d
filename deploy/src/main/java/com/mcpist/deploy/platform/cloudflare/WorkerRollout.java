package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.platform.HealthWait;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A version of the Worker on its way to all traffic.
 *
 * @param before what served before; empty where there was no Worker, or more than one version
 *     served
 */
public record WorkerRollout(
    WorkersApi api, Optional<WorkerVersion> before, WorkerVersion version, Done done) {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /**
   * What had to be done for it.
   *
   * @param deployed whether it did not serve already
   * @param settings whether a setting that no version has was another one
   * @param oldSecrets whether it has brought back secrets that have been changed since
   */
  record Done(boolean deployed, boolean settings, boolean oldSecrets) {}

  public boolean unchanged() {
    return !done.deployed() && !done.settings();
  }

  /** What served before, where that is another version: what can be brought back. */
  public Optional<WorkerVersion> wayBack() {
    return done.deployed() ? before : Optional.empty();
  }

  /** Whether secrets came back with it that have been changed since. */
  public boolean oldSecrets() {
    return done.oldSecrets();
  }

  /**
   * Waits until Cloudflare says that all traffic goes to it.
   *
   * @param observer is told of each change of state, on the calling thread
   * @throws PlatformException {@link Kind#CONFLICT} when somebody else deploys another version;
   *     {@link Kind#DEADLINE} with the last state seen
   */
  public void awaitDeployed(Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException {
    var _ =
        new HealthWait(CloudflareAccess.NAME, observer, deadline, INTERVAL)
            .until(() -> look(deadline), this::step);
  }

  private String look(Deadline deadline) throws PlatformException, InterruptedException {
    List<String> deployed = api.deployed(deadline).orElse(List.of());
    String serving = deployed.stream().findFirst().orElse("");
    boolean old = before.filter(version -> version.id().equals(serving)).isPresent();
    if (!serving.isEmpty() && !serving.equals(version.id()) && !old && before.isPresent()) {
      throw new PlatformException(
          Kind.CONFLICT,
          CloudflareAccess.NAME,
          "wait for " + version,
          "version " + serving + " has been deployed instead",
          "Somebody else deploys this Worker: let one of you finish first");
    }
    return serving;
  }

  private Step step(String serving) {
    boolean there = serving.equals(version.id());
    return new Step(
        version.toString(),
        there ? State.HEALTHY : State.PROGRESSING,
        there ? "deployed" : "not deployed yet",
        there || serving.isEmpty() ? "" : "version " + serving + " serves");
  }
}
