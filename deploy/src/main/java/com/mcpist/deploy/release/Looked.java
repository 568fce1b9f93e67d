package com.mcpist.deploy.release;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.originclient.Health;
import com.mcpist.deploy.plan.Standing;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Wanted;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How an origin is, before anything is changed.
 *
 * @param change what would be changed; empty where it is left alone
 * @param problem why it has to be left alone; else empty
 */
record Looked(Standing standing, Optional<Change> change, String problem) {
  /** One slow answer makes no origin unhealthy. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /**
   * What would be changed.
   *
   * @param before what it runs
   * @param digest the image of that; empty when it is not known
   * @param calls what its platform would be asked to do
   */
  record Change(Release before, String digest, Wanted wanted, List<String> calls) {}

  /**
   * Asks the origin, and its platform where it is deployed to.
   *
   * @param drained whether the edge sends it nothing
   */
  static Looked at(Target target, Order order, boolean drained, Secret gateway, Deadline deadline)
      throws PlatformException, InterruptedException {
    Health health = health(target, gateway, deadline);
    if (!order.includes(target.name())) {
      return leftAlone(target, health, drained, isBusy(target, order, health), "");
    }
    Platform platform = target.runner();
    Release before = platform.current(deadline);
    Wanted wanted = wanted(target, order, deadline);
    List<String> calls = platform.preview(wanted, deadline);
    boolean healthy = before.state() == State.HEALTHY && health.ok();
    String digest = before.image().flatMap(ImageReference::digest).orElse(health.digest());
    return new Looked(
        new Standing(
            target.name(),
            healthy,
            drained,
            healthy && calls.isEmpty() && health.digest().equals(order.digest()),
            false,
            target.overlaps(),
            before.state() == State.HEALTHY ? health.told() : "its platform says " + before.told()),
        Optional.of(new Change(before, digest, wanted, calls)),
        "");
  }

  /** One whose platform does not answer: it cannot be changed, and the others need not wait. */
  static Looked unanswered(
      Target target, boolean drained, Secret gateway, String problem, Deadline deadline)
      throws InterruptedException {
    return leftAlone(target, health(target, gateway, deadline), drained, false, problem);
  }

  /** How it is at this moment, whatever was planned. */
  static Standing now(
      Target target, Order order, boolean drained, Secret gateway, Deadline deadline)
      throws InterruptedException {
    Health health = health(target, gateway, deadline);
    return leftAlone(target, health, drained, isBusy(target, order, health), "").standing();
  }

  private static boolean isBusy(Target target, Order order, Health health) {
    boolean changed = health.ok() && health.digest().equals(order.digest());
    return order.run().isPresent()
        && !order.includes(target.name())
        && !target.overlaps()
        && !changed;
  }

  private static Looked leftAlone(
      Target target, Health health, boolean drained, boolean busy, String problem) {
    return new Looked(
        new Standing(
            target.name(), health.ok(), drained, true, busy, target.overlaps(), health.told()),
        Optional.empty(),
        problem);
  }

  private static Health health(Target target, Secret gateway, Deadline deadline)
      throws InterruptedException {
    Deadline patience = deadline.another(PATIENCE);
    while (true) {
      Health health = target.client().health(Optional.of(gateway), deadline.another(LOOK));
      if (health.ok() || patience.passed()) {
        return health;
      }
      patience.sleep(PAUSE);
    }
  }

  private static Wanted wanted(Target target, Order order, Deadline deadline)
      throws PlatformException, InterruptedException {
    Set<String> secrets = new TreeSet<>(order.secrets());
    secrets.retainAll(target.runner().secretNames(deadline));
    return new Wanted(
        target.pulled(order.image()), target.wantedEnv(order.release(), order.digest()), secrets);
  }
}
