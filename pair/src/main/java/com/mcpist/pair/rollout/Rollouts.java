package com.mcpist.pair.rollout;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.control.HostedRollout;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Takeover;
import com.mcpist.pair.rollout.ReleaseHistory.Phase;
import com.mcpist.pair.rollout.ReleaseState.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Puts one release of an origin in another's place. A rollout goes to its end whoever asked for it;
 * a later one takes the place of one that is not done.
 */
final class Rollouts {
  /** For the calls in flight, 25 s at most, and the end. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private static final Duration READY_LIMIT = Duration.ofSeconds(60);

  /** So long is one watched that was started in place, to tell what becomes of it. */
  private static final Duration WATCH_LIMIT = Duration.ofMinutes(5);

  private static final long LOOK_MILLIS = 50;

  /** Makes the program of a release; takes a look at its folder. */
  @FunctionalInterface
  interface Programs {
    OriginProgram of(OriginRelease release) throws PairException;
  }

  /** When nothing is to be done. */
  enum Wish {
    /** Where it runs and is good, or is on its way. */
    UNLESS_THERE,
    /** Where it is on its way: what runs is not good. */
    UNLESS_COMING,
    /** Never. */
    AGAIN
  }

  /** A release on its way. */
  private record Rolling(OriginRelease release, Takeover takeover) {}

  private final Keeper keeper;
  private final Programs programs;
  private final Turns turns;
  private final RolloutEvents events;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean closed;

  /** Written under the lock. */
  private volatile ReleaseHistory history;

  /** Written under the lock: of the release that runs. */
  private volatile OriginProgram program;

  /** Guarded by the lock; null where none is on its way. */
  private @Nullable Rolling rolling;

  /**
   * Of an origin that runs, or is yet to be started.
   *
   * @param keeper keeps {@code program}
   * @param program of the only release there is
   */
  Rollouts(
      Keeper keeper,
      Programs programs,
      OriginRelease first,
      OriginProgram program,
      Turns turns,
      RolloutEvents events) {
    this.keeper = keeper;
    this.programs = programs;
    this.history = ReleaseHistory.of(first);
    this.program = program;
    this.turns = turns;
    this.events = events;
  }

  Keeper keeper() {
    return keeper;
  }

  ReleaseHistory history() {
    return history;
  }

  /** What is seen of the process of a release; of one that does not run, nothing. */
  Seen seen(OriginRelease release) throws InterruptedException {
    Duration age = Duration.between(release.created(), Instant.now());
    OriginProgram running = program;
    if (!history.running().equals(release) || !keeper.keeps(running)) {
      return new Seen(false, 0, "", age);
    }
    return new Seen(keeper.isReady(), keeper.deaths(), keeper.lastExit(), age);
  }

  /**
   * Begins a rollout.
   *
   * @param change from the release that runs to the one that is wanted
   * @throws RefusedException where something else is done with the origin
   */
  HostedRollout begin(UnaryOperator<OriginRelease> change, Wish wish) throws RefusedException {
    lock.lock();
    try {
      OriginRelease wanted = change.apply(history.running());
      Optional<OriginRelease> there =
          wish == Wish.AGAIN ? Optional.empty() : history.there(wanted, wish == Wish.UNLESS_THERE);
      if (there.isPresent() && (there.equals(history.starting()) || callOffStarting())) {
        return new HostedRollout(there.get().id(), true);
      }
      takeTurn();
      callOffStarting();
      Rolling next = new Rolling(wanted, new Takeover());
      rolling = next;
      history = history.starting(wanted);
      Thread.ofVirtual().name("rollout-" + keeper.name()).start(() -> roll(next));
      return new HostedRollout(wanted.id(), false);
    } finally {
      lock.unlock();
    }
  }

  private void takeTurn() throws RefusedException {
    Optional<String> other =
        closed
            ? Optional.of("being stopped")
            : rolling == null
                ? turns.take(keeper.name(), "being rolled out", !program.overlaps())
                : Optional.empty();
    if (other.isPresent()) {
      throw new RefusedException(
          Kind.CONFLICT, keeper.name() + " is " + other.get(), "Try again when that is done");
    }
  }

  /** False where one is about to take over. */
  private boolean callOffStarting() {
    Optional<OriginRelease> starting = history.starting();
    return starting.isEmpty() || callOff(starting.get().id());
  }

  /**
   * Calls a release off.
   *
   * @return false where it has taken over, or is none
   */
  boolean callOff(String id) {
    lock.lock();
    try {
      Rolling now = rolling;
      if (now != null && now.release().id().equals(id) && now.takeover().callOff()) {
        history = history.ended(id, Phase.CALLED_OFF, "");
      }
      return history.find(id).map(entry -> entry.phase() == Phase.CALLED_OFF).orElse(false);
    } finally {
      lock.unlock();
    }
  }

  private void roll(Rolling next) {
    try {
      OriginProgram started = programs.of(next.release());
      if (started.overlaps()) {
        keeper.overlap(started, next.takeover(), STOP_LIMIT, READY_LIMIT);
        runs(next, started);
      } else {
        replace(next, started);
      }
      done(next);
      awaitOutcome(next.release());
    } catch (PairException e) {
      failed(next.release(), String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      done(next);
    }
  }

  private void runs(Rolling next, OriginProgram started) {
    lock.lock();
    try {
      history = history.runs(next.release().id());
      program = started;
    } finally {
      lock.unlock();
    }
  }

  private void replace(Rolling next, OriginProgram started) throws InterruptedException {
    lock.lock();
    try {
      if (!next.takeover().take()) {
        return;
      }
      runs(next, started);
      keeper.replace(started, STOP_LIMIT);
    } finally {
      lock.unlock();
    }
    while (goesOn(next.release()) && !keeper.keeps(started)) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private boolean goesOn(OriginRelease release) {
    return !closed && history.running().equals(release);
  }

  private void failed(OriginRelease release, String why) {
    lock.lock();
    try {
      history = history.ended(release.id(), Phase.FAILED, why);
    } finally {
      lock.unlock();
    }
    events.told(keeper.name() + " stays without release " + release.name() + ": " + why);
  }

  private void done(Rolling next) {
    lock.lock();
    try {
      if (next.equals(rolling)) {
        rolling = null;
        turns.giveBack(keeper.name());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Tells it. */
  private void awaitOutcome(OriginRelease release) throws InterruptedException {
    long end = System.nanoTime() + WATCH_LIMIT.toNanos();
    while (goesOn(release) && System.nanoTime() < end) {
      Seen seen = seen(release);
      if (seen.ready()) {
        events.told(keeper.name() + " runs release " + release.name());
        events.healthy(release);
        return;
      }
      if (ReleaseState.isHopeless(seen)) {
        events.told(keeper.name() + " runs release " + release.name() + ", which crashes");
        return;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  /** None goes on any more. */
  void close() {
    closed = true;
  }
}
