package com.mcpist.deploy.platform.ssh;

import com.mcpist.deploy.platform.HealthWait;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A release on its way: it runs beside the one that serves until it is healthy, and then takes its
 * place. Nothing of what serves is touched before.
 */
final class SshRollout implements Rollout {
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final Duration CALL_OFF_LIMIT = Duration.ofSeconds(20);

  private final SshHost host;
  private final HostRelease release;
  private final boolean unchanged;
  private final Time time;

  /** Whether it has been seen healthy beside: only then it may take over. */
  private boolean proven;

  /** Whether it may have taken over: from then on it is not called off. */
  private volatile boolean taking;

  SshRollout(SshHost host, HostRelease release, boolean unchanged, Time time) {
    this.host = host;
    this.release = release;
    this.unchanged = unchanged;
    this.taking = unchanged;
    this.time = time;
  }

  @Override
  public String id() {
    return release.id();
  }

  @Override
  public boolean unchanged() {
    return unchanged;
  }

  @Override
  public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException {
    HealthWait wait = new HealthWait(SshPlatform.NAME, observer, deadline, INTERVAL);
    String logs = host.logs(host.app().app() + "-next");
    Sight.Serving serving =
        wait.until(() -> look(deadline), seen -> seen.state().step(logs)).serving().orElseThrow();
    if (!serving.runs(release)) {
      throw new PlatformException(
          Kind.FAILED,
          SshPlatform.NAME,
          "wait for " + release.id(),
          host.engine() + " runs " + serving.image().orElseThrow() + ", and not " + release.image(),
          "Somebody has changed the container by hand: deploy again");
    }
    return serving.told();
  }

  private SshHost.Seen look(Deadline deadline) throws PlatformException, InterruptedException {
    if (proven) {
      taking = true;
      return host.takeOver(release, deadline);
    }
    SshHost.Seen seen = host.watch(release.id(), deadline);
    proven = seen.state().healthy() && !seen.state().serving();
    taking |= seen.state().serving();
    return seen;
  }

  @Override
  public boolean cancel(Deadline deadline) throws PlatformException, InterruptedException {
    return host.callOff(release.id(), deadline);
  }

  /**
   * A release that has not begun to take over never will, since nobody asks it to: it ends. On a
   * thread of its own, as the caller's may be interrupted.
   */
  @Override
  public void close() {
    if (taking || release.id().isEmpty()) {
      return;
    }
    Thread ending = Thread.ofVirtual().start(this::end);
    boolean interrupted = Thread.interrupted();
    while (ending.isAlive()) {
      try {
        ending.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void end() {
    try {
      host.callOff(release.id(), Deadline.in(CALL_OFF_LIMIT, time));
    } catch (PlatformException | InterruptedException _) {
      // What went wrong before is what matters; the next deployment ends it.
    }
  }
}
