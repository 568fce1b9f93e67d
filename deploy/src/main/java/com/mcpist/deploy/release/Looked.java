package com.mcpist.deploy.release;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.origin.Health;
import com.mcpist.deploy.plan.Standing;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Wanted;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How an origin is, before anything is changed.
 *
 * @param change what would be changed; empty where it is left alone
 */
record Looked(Standing standing, Optional<Change> change) {
  /**
   * What would be changed.
   *
   * @param before what it runs
   * @param digest the image of that; empty when it is not known
   * @param calls what its platform would be asked to do
   */
  record Change(Release before, String digest, Wanted wanted, List<String> calls) {}

  /** Asks the origin, and its platform where it is deployed to. */
  static Looked at(Target target, Order order, Secret gateway, Deadline deadline)
      throws PlatformException, InterruptedException {
    Health health = target.client().health(Optional.of(gateway), deadline);
    if (!order.includes(target.name())) {
      return new Looked(
          new Standing(target.name(), health.ok(), true, false, health.told()), Optional.empty());
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
            healthy && calls.isEmpty() && health.digest().equals(order.digest()),
            platform.overlaps(),
            before.state() == State.HEALTHY ? health.told() : "its platform says " + before.told()),
        Optional.of(new Change(before, digest, wanted, calls)));
  }

  private static Wanted wanted(Target target, Order order, Deadline deadline)
      throws PlatformException, InterruptedException {
    Set<String> secrets = new TreeSet<>(order.secrets());
    secrets.retainAll(target.runner().secretNames(deadline));
    return new Wanted(
        target.pulled(order.image()), target.wantedEnv(order.release(), order.digest()), secrets);
  }
}
