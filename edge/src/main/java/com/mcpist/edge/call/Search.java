package com.mcpist.edge.call;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins.Failure;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where one call goes next. It tries every origin once, the healthy ones first, then pauses and
 * begins a new round, until it has looked for an origin for as long as it may. Pure: instants come
 * in as milliseconds of any clock that goes forward.
 */
final class Search {
  /** A call that brings down whatever runs it must not go on for ever. */
  static final int MAX_ATTEMPTS = 64;

  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 250;
  private static final int PATIENCE = 2;

  /** Longer than an origin keeps a call only to find out that it cannot do it. */
  private static final long LONG_WORK_MILLIS = 10_000;

  private final long waitMillis;
  private final long longestPauseMillis;
  private final Set<String> tried = new HashSet<>();
  private long since;
  private long pause = FIRST_PAUSE_MILLIS;
  private int attempts;
  private int notRun;
  private boolean anew;

  sealed interface Step {
    /**
     * Send the call to this origin; {@code anew}: on a new connection. The number is as origins
     * count: attempts that they have not let in do not.
     */
    record Send(Origin origin, int number, boolean anew) implements Step {}

    /**
     * Wait for at least one and at most the other, in milliseconds; less than the most only when an
     * origin becomes healthy, or answers a probe.
     */
    record Pause(long atLeast, long atMost) implements Step {}

    record GiveUp() implements Step {}
  }

  /** {@code waitMillis}: for which to look after every origin has been tried once. */
  Search(long waitMillis, long now) {
    this(waitMillis, LONGEST_PAUSE_MILLIS, now);
  }

  /** Makes a search whose pauses grow to {@code longestPauseMillis}, and at least to 250 ms. */
  Search(long waitMillis, long longestPauseMillis, long now) {
    this.waitMillis = waitMillis;
    this.longestPauseMillis = Math.max(LONGEST_PAUSE_MILLIS, longestPauseMillis);
    this.since = now;
  }

  Set<String> tried() {
    return tried;
  }

  int attempts() {
    return attempts;
  }

  /** {@code healthy}: the first that is and was not tried; {@code all}: those enabled, in order. */
  Step next(Optional<Origin> healthy, List<Origin> all, long now) {
    if (attempts - notRun >= MAX_ATTEMPTS) {
      return new Step.GiveUp();
    }
    Optional<Origin> origin = healthy.or(() -> firstUntried(all));
    if (origin.isPresent()) {
      tried.add(origin.get().name());
      attempts++;
      return new Step.Send(origin.get(), attempts - notRun, anew);
    }
    return now - since >= waitMillis ? new Step.GiveUp() : pause(now);
  }

  private Optional<Origin> firstUntried(List<Origin> all) {
    for (Origin origin : all) {
      if (!tried.contains(origin.name())) {
        return Optional.of(origin);
      }
    }
    return Optional.empty();
  }

  private Step pause(long now) {
    tried.clear();
    long left = waitMillis - (now - since);
    long atLeast = Math.min(pause, left);
    pause = Math.min(pause * 2, longestPauseMillis);
    return new Step.Pause(atLeast, Math.min(atLeast * PATIENCE, left));
  }

  /**
   * The last attempt failed. One at a process or a connection that is gone says nothing of who is
   * there now, which may be tried at once.
   */
  void failed(Origin origin, Failure failure) {
    if (failure == Failure.NOT_RUN) {
      notRun++;
    } else if (failure.isOfThePast()) {
      tried.remove(origin.name());
      anew = true;
    }
  }

  /**
   * The last attempt was at work when it failed: looking begins anew, if it was the first or had
   * worked for as long as a search lasts, 10 s at least. A call that every origin takes up and soon
   * drops, as when their database is away, must end like one that none takes up.
   */
  void cutShort(long workedMillis, long now) {
    if (attempts <= 1 || workedMillis >= Math.max(waitMillis, LONG_WORK_MILLIS)) {
      since = now;
      pause = FIRST_PAUSE_MILLIS;
    }
  }
}
