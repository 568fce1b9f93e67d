package com.mcpist.pair.supervisor;

import com.mcpist.pair.control.HostedRelease;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Start;
import com.mcpist.pair.supervisor.ReleaseHistory.Phase;
import com.mcpist.pair.supervisor.ReleaseHistory.Seen;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Puts one release of an origin in another's place: the edge sends it nothing, its process finishes
 * its calls and ends, the next one starts, and once that is healthy it gets calls again. One that
 * is bad gives way to the one before. It goes to its end whoever asked for it; what is wanted later
 * takes the place of what is not done.
 */
final class Rollouts {
  /** For the calls in flight, 25 s at most, and the end. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  /** A release that is to run; who asked hears of the steps and of the end. */
  private record Wanted(
      OriginRelease release, Consumer<String> step, CompletableFuture<Start> end) {}

  /**
   * What has been begun.
   *
   * @param unchanged whether that had been done already
   * @param end completes with what has become of it
   */
  record Begun(OriginRelease release, boolean unchanged, CompletableFuture<Start> end) {
    HostedRelease.Rollout told() {
      return new HostedRelease.Rollout(release.id(), unchanged);
    }
  }

  private final OriginBlueprint blueprint;
  private final Keeper keeper;
  private final Traffic traffic;
  private final Turn turn;
  private final Consumer<String> notices;
  private final ReentrantLock lock = new ReentrantLock();

  /** Written under the lock. */
  private volatile ReleaseHistory history;

  /** Written under the lock; null where nothing else is to run than what does. */
  private volatile @Nullable Wanted wanted;

  /** Guarded by the lock: whether a thread is at work. */
  private boolean rolling;

  /**
   * Of an origin that is yet to be started.
   *
   * @param keeper keeps the program of {@code first}
   */
  Rollouts(
      OriginBlueprint blueprint,
      Keeper keeper,
      OriginRelease first,
      Traffic traffic,
      Turn turn,
      Consumer<String> notices) {
    this.blueprint = blueprint;
    this.keeper = keeper;
    this.history = ReleaseHistory.of(first);
    this.traffic = traffic;
    this.turn = turn;
    this.notices = notices;
  }

  ReleaseHistory history() {
    return history;
  }

  /** All releases, the newest first. */
  List<HostedRelease> releases() throws InterruptedException {
    Seen seen =
        wanted == null ? new Seen(keeper.isReady(), keeper.deaths(), keeper.lastExit()) : null;
    return history.entries().stream().map(entry -> entry.told(seen)).toList();
  }

  /**
   * Begins to roll out a release.
   *
   * @param change from the release that runs to the one that is wanted
   * @param again also where that is on its way, or runs and is well
   * @param step told, in a plain line each, what is being done
   */
  Begun begin(UnaryOperator<OriginRelease> change, boolean again, Consumer<String> step)
      throws InterruptedException {
    OriginRelease running = history.running();
    boolean well = !again && keeper.isReady();
    lock.lock();
    try {
      OriginRelease next = change.apply(history.running());
      OriginRelease there = there(well ? running : null);
      if (!again && there != null && next.sameAs(there)) {
        return new Begun(there, true, CompletableFuture.completedFuture(new Start.Ready()));
      }
      if (wanted != null) {
        wanted.end().complete(new Start.CalledOff());
      }
      Wanted now = new Wanted(next, step, new CompletableFuture<>());
      wanted = now;
      history = history.starting(next);
      if (!rolling) {
        rolling = true;
        Thread.ofVirtual().name("rollout-" + keeper.name()).start(this::roll);
      }
      return new Begun(next, false, now.end());
    } finally {
      lock.unlock();
    }
  }

  /** What runs before long; null where that is not well. */
  private @Nullable OriginRelease there(@Nullable OriginRelease well) {
    Wanted now = wanted;
    if (now != null) {
      return now.release();
    }
    return history.running().equals(well) ? well : null;
  }

  private void roll() {
    Traffic.Drain drain = traffic.new Drain(keeper.name());
    try {
      turn.take(keeper.name() + " is being rolled out");
      try {
        for (Wanted next = next(); next != null; next = next()) {
          roll(next, drain);
        }
      } finally {
        turn.giveBack();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Wanted next() {
    lock.lock();
    try {
      rolling = wanted != null;
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private void roll(Wanted next, Traffic.Drain drain) throws InterruptedException {
    try {
      drain.take(next.step());
    } catch (PairException e) {
      end(next, new Start.Failed(String.valueOf(e.getMessage()))); // Nothing has been changed.
      return;
    }
    Start start = bring(next, next.release(), drain);
    if (start instanceof Start.Failed && isWanted(next) && !isAsBefore(next.release())) {
      // The edge sends it nothing, drained or not healthy.
      if (bring(next, history.running(), drain) instanceof Start.Failed(String why)) {
        notices.accept(keeper.name() + " does not get back what it had: " + why);
      }
    }
    if (isWanted(next)) {
      drain.giveBack();
      end(next, start);
    }
  }

  /** Of what is wanted, or of what ran before it. */
  private Start bring(Wanted next, OriginRelease release, Traffic.Drain drain)
      throws InterruptedException {
    next.step().accept("Restarting " + keeper.name());
    Start start =
        keeper.replace(
            blueprint.program(release), STOP_LIMIT, blueprint.readyLimit(), () -> !isWanted(next));
    if (start instanceof Start.Ready) {
      drain.giveBack();
      next.step().accept("Waiting until the edge finds " + keeper.name() + " healthy");
      start = traffic.awaitHealthy(keeper.name(), () -> !isWanted(next));
    }
    return start;
  }

  private boolean isWanted(Wanted next) {
    return next.equals(wanted);
  }

  /** Then there is nothing to go back to: it is only started again, and again. */
  private boolean isAsBefore(OriginRelease release) {
    OriginRelease running = history.running();
    return release.sameAs(running) && release.secrets().equals(running.secrets());
  }

  private void end(Wanted ended, Start start) {
    String name = keeper.name();
    String release = ended.release().name();
    lock.lock();
    try {
      if (!ended.equals(wanted)) {
        return; // It was called off, and that is told.
      }
      wanted = null;
      String id = ended.release().id();
      history =
          switch (start) {
            case Start.Ready() -> history.runs(id);
            case Start.Failed(String why) -> history.ended(id, Phase.FAILED, why);
            case Start.CalledOff() -> history.ended(id, Phase.CALLED_OFF, "");
          };
    } finally {
      lock.unlock();
    }
    switch (start) {
      case Start.Ready() -> notices.accept(name + " runs release " + release);
      case Start.Failed(String why) ->
          notices.accept(name + " stays without release " + release + ": " + why);
      case Start.CalledOff() -> {}
    }
    ended.end().complete(start);
  }
}
