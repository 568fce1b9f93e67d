package com.mcpist.drill;

import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.PairException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pairs of a game day: the one that is up, and a throw-away one once it is needed. */
final class Targets {
  private static final Duration QUIET_LIMIT = Duration.ofSeconds(30);

  private final Blueprint blueprint;
  private final Observer observer;
  private final @Nullable Target local;
  private final @Nullable DrillLock lock;
  private @Nullable ThrowAwayPair throwAway;

  private Targets(
      Blueprint blueprint, Observer observer, @Nullable Target local, @Nullable DrillLock lock) {
    this.blueprint = blueprint;
    this.observer = observer;
    this.local = local;
    this.lock = lock;
  }

  /**
   * Finds the pair that is up, and removes what an earlier drill that was killed has left in it.
   *
   * @throws RefusedException where that pair may not be broken
   * @throws PairException where it does not answer, or another drill is at work on it
   */
  static Targets of(Plan plan, Path data, Blueprint blueprint, Observer observer)
      throws RefusedException, PairException, InterruptedException {
    LocalPair pair = new LocalPair(data, blueprint.environment());
    boolean running = !plan.faults().stream().allMatch(Fault::onLinks) && pair.isRunning();
    boolean local = running && isOpen(pair);
    observer.says(running && !local ? guarded(data) : announcement(plan, data, local));
    if (!local) {
      return new Targets(blueprint, observer, null, null);
    }
    DrillLock lock = DrillLock.take(data);
    try {
      Target target = Target.of(pair, null);
      target.rows().remove();
      return new Targets(blueprint, observer, target, lock);
    } catch (RefusedException | PairException | InterruptedException e) {
      lock.close();
      throw e;
    }
  }

  /** Where clients are asked who they are, their limits are far below what a drill calls. */
  private static boolean isOpen(LocalPair pair) throws PairException, InterruptedException {
    return pair.access().map(access -> access.admission().open()).orElse(true);
  }

  private static String guarded(Path data) {
    return "The pair in " + data + " asks who calls: a throw-away pair is broken instead.";
  }

  /**
   * Which pair will be broken.
   *
   * @param local whether it is the one that is up, for the faults that are possible there
   */
  static String announcement(Plan plan, Path data, boolean local) {
    String onLinks =
        plan.faults().stream()
            .filter(Fault::onLinks)
            .map(Fault::label)
            .collect(Collectors.joining(", "));
    if (local) {
      String other = onLinks.isEmpty() ? "" : "; for " + onLinks + " a throw-away pair";
      return "The pair in " + data + " is broken" + other + ".";
    }
    return plan.faults().stream().allMatch(Fault::onLinks)
        ? "A throw-away pair is broken: its links can be."
        : "No pair is up in " + data + ": a throw-away pair is broken instead.";
  }

  /** The one for a fault. */
  Target of(Fault fault) throws RefusedException, PairException, InterruptedException {
    if (local != null && !fault.onLinks()) {
      return local;
    }
    if (throwAway == null) {
      observer.begins("throw-away pair");
      throwAway = ThrowAwayPair.start(blueprint, observer::isAt);
    }
    return throwAway.target();
  }

  /**
   * Leaves nothing of the drill.
   *
   * @throws PairException where its rows cannot be removed: the next drill does it then
   */
  void release() throws PairException, InterruptedException {
    try {
      if (throwAway != null) {
        observer.begins("cleaning up");
        throwAway.close();
      }
    } finally {
      releaseLocal();
    }
  }

  private void releaseLocal() throws PairException, InterruptedException {
    if (local == null || lock == null) {
      return;
    }
    try (lock) {
      // An attempt that is still at work would leave its row after the others are gone.
      Waiting.until(QUIET_LIMIT, local.rows()::isQuiet);
      local.rows().remove();
    }
  }
}
