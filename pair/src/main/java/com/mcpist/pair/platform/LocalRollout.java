package com.mcpist.pair.platform;

import static java.util.Objects.requireNonNull;

import com.mcpist.deploy.platform.HealthWait;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.HostedRelease;
import com.mcpist.pair.control.Request;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** A release on its way on this machine. The supervisor does it; nothing is held here. */
final class LocalRollout implements Rollout {
  private static final Duration INTERVAL = Duration.ofMillis(200);

  private final SupervisorCalls calls;
  private final String id;
  private final boolean unchanged;

  LocalRollout(SupervisorCalls calls, String id, boolean unchanged) {
    this.calls = calls;
    this.id = id;
    this.unchanged = unchanged;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean unchanged() {
    return unchanged;
  }

  @Override
  public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException {
    HealthWait wait = new HealthWait(LocalPlatform.NAME, observer, deadline, INTERVAL);
    return wait.until(() -> look(deadline), LocalRollout::step);
  }

  private static Step step(Release release) {
    return new Step(release.id(), release.state(), release.told(), release.detail());
  }

  /** One that has ended without an error has given way to another one. */
  private Release look(Deadline deadline) throws PlatformException, InterruptedException {
    List<HostedRelease> all =
        requireNonNull(
            calls.ask("look at", Request.of("releases", calls.origin()), deadline).releases());
    Release seen =
        all.stream()
            .filter(release -> release.id().equals(id))
            .findFirst()
            .map(LocalPlatform::release)
            .orElseThrow(() -> gone("not known any more"));
    if (seen.state() == Release.State.STOPPED) {
      throw gone(seen.told());
    }
    return seen;
  }

  private PlatformException gone(String told) {
    return calls.error(
        Kind.CONFLICT,
        "wait for " + id + " on",
        "it is " + told,
        "Somebody else deploys to this pair, or has started it anew: let one of you finish first");
  }

  @Override
  public boolean cancel(Deadline deadline) throws PlatformException, InterruptedException {
    Request request = Request.of("call-off", calls.origin(), id);
    return Boolean.TRUE.equals(calls.ask("call off a release of", request, deadline).calledOff());
  }

  @Override
  public void close() {
    // There is nothing to give back.
  }
}
