package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.originclient.OriginClient.Health;
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
 * @param unanswered what its platform says instead of an answer, where it has to be left alone
 */
record OriginState(Plan.Origin origin, Optional<Change> change, Optional<String> unanswered) {
  /** One slow answer makes no origin unhealthy. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /**
   * What would be changed.
   *
   * @param digest the image of that; empty when it is not known
   * @param calls what its platform would be asked to do
   */
  record Change(Release before, String digest, Wanted wanted, List<String> calls) {}

  /**
   * Asks the origin, and its platform where it is deployed to.
   *
   * @param drained whether the edge sends it nothing
   */
  static OriginState look(
      Target target, Order order, boolean drained, Secret gateway, Deadline deadline)
      throws PlatformException, InterruptedException {
    Health health = health(target, gateway, deadline);
    if (!order.includes(target.name())) {
      return leftAlone(target, order, drained, health, Optional.empty());
    }
    try {
      return changed(target, order, drained, health, deadline);
    } catch (PlatformException e) {
      if (order.action() != Action.ROLLBACK) {
        throw e;
      }
      // A way back must not wait for a platform that does not answer: the others can be mended.
      return leftAlone(target, order, drained, health, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private static OriginState changed(
      Target target, Order order, boolean drained, Health health, Deadline deadline)
      throws PlatformException, InterruptedException {
    Platform platform = target.runner();
    Release before = platform.current(deadline);
    Set<String> secrets = new TreeSet<>(order.secrets());
    secrets.retainAll(platform.secretNames(deadline));
    Wanted wanted =
        new Wanted(
            target.pulled(order.image()),
            target.wantedEnv(order.release(), order.digest()),
            secrets);
    List<String> calls = platform.preview(wanted, deadline);
    boolean runs = before.state() == State.HEALTHY;
    boolean healthy = runs && health.ok();
    boolean current = healthy && calls.isEmpty() && health.digest().equals(order.digest());
    String told = runs ? health.told() : "its platform says " + before.told();
    String digest = before.image().flatMap(ImageReference::digest).orElse(health.digest());
    return new OriginState(
        new Plan.Origin(target.name(), healthy, drained, current, false, target.overlaps(), told),
        Optional.of(new Change(before, digest, wanted, calls)),
        Optional.empty());
  }

  /** How it is at this moment, whatever was planned. */
  static Plan.Origin now(
      Target target, Order order, boolean drained, Secret gateway, Deadline deadline)
      throws InterruptedException {
    Health health = health(target, gateway, deadline);
    return leftAlone(target, order, drained, health, Optional.empty()).origin();
  }

  private static OriginState leftAlone(
      Target target, Order order, boolean drained, Health health, Optional<String> unanswered) {
    boolean busy =
        order.terms().run().isPresent()
            && !order.includes(target.name())
            && !target.overlaps()
            && !(health.ok() && health.digest().equals(order.digest()));
    return new OriginState(
        new Plan.Origin(
            target.name(), health.ok(), drained, true, busy, target.overlaps(), health.told()),
        Optional.empty(),
        unanswered);
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
}
