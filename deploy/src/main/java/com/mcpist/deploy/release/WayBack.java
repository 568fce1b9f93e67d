package com.mcpist.deploy.release;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.release.Rolled.Result;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Gives origins back what they had before a release that is bad. */
record WayBack(Site site, Order order, Watcher watcher) {
  /** However little time a release is given: what was there before is given this much. */
  private static final Duration LEAST = Duration.ofMinutes(5);

  /** As many as there can be between a release and the one that is put back. */
  private static final int HISTORY = 50;

  /**
   * Does it.
   *
   * @param having the origins that have the release, or may have it
   * @return what has become of each
   */
  List<Rolled> give(List<Rolled> having) throws InterruptedException {
    watcher.step(
        "Giving back what was there before, to "
            + having.stream().map(Rolled::origin).collect(Collectors.joining(" and ")));
    Duration limit = order.limits().rollout();
    Deadline deadline = Deadline.in(limit.compareTo(LEAST) < 0 ? LEAST : limit, site.time());
    List<Rolled> back = new ArrayList<>();
    for (List<Rolled> wave : waves(having)) {
      back.addAll(Together.each(wave, RuntimeException.class, one -> giveBack(one, deadline)));
    }
    return back;
  }

  /** Of those that must stop before they start, one at a time, and first what is not healthy. */
  private List<List<Rolled>> waves(List<Rolled> having) {
    List<Rolled> first = new ArrayList<>();
    List<List<Rolled>> waves = new ArrayList<>();
    boolean one = false;
    for (Rolled rolled :
        having.stream().sorted(Comparator.comparing(r -> r.result() != Result.FAILED)).toList()) {
      boolean overlaps = site.target(rolled.origin()).overlaps();
      if (overlaps || !one) {
        first.add(rolled);
        one |= !overlaps;
      } else {
        waves.add(List.of(rolled));
      }
    }
    waves.addFirst(first);
    return waves;
  }

  private Rolled giveBack(Rolled rolled, Deadline deadline) throws InterruptedException {
    OriginRollout rollout =
        new OriginRollout(site.target(rolled.origin()), site.gateway(), watcher, site.time());
    if (!rolled.beforeDigest().equals(order.digest())) {
      return rollout.giveBack(rolled, deadline);
    }
    // A deployment that broke off had brought it out already: what was there is in the records.
    try {
      Rollbacks.Earlier good = new Rollbacks(site).lastGood(Optional.of(order.digest()));
      Release before = before(rolled.origin(), good, deadline);
      return rollout.giveBack(
          rolled.withBefore(before, good.image().digest().orElseThrow()), deadline);
    } catch (DeployException | PlatformException e) {
      return rolled.then(Result.STUCK, String.valueOf(e.getMessage()), Duration.ZERO);
    }
  }

  private Release before(String origin, Rollbacks.Earlier good, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    return site.target(origin).runner().history(HISTORY, deadline).stream()
        .filter(release -> release.image().filter(good.image()::sameImage).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                new DeployException(
                    "its platform does not remember " + good.release() + ", which was good"));
  }
}
