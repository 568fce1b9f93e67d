package com.mcpist.edge.call;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins.Failure;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides where one call goes next. A search tries every origin once, the healthy ones first, then
 * pauses and begins a new round, until it has looked for an origin for as long as it may. The class
 * reads no clock: its callers pass instants as milliseconds of any clock that goes forward.
 */
final class Search {
  /**
   * The most attempts of one call. A call that brings down whatever runs it must not go on for
   * ever.
   */
  static final int MAX_ATTEMPTS = 64;

  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 250;
  private static final int PATIENCE = 2;

  /**
   * A time in milliseconds that is longer than an origin takes to find out that it cannot run a
   * call.
   */
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
     * Send the call to this origin, and on a new connection if {@code anew} is true. The number is
     * as origins count: an attempt that an origin has not let in does not count.
     */
    record Send(Origin origin, int number, boolean anew) implements Step {}

    /**
     * Wait for at least {@code atLeast} and at most {@code atMost} milliseconds. The wait is
     * shorter than {@code atMost} only if an origin becomes healthy, or answers a probe.
     */
    record Pause(long atLeast, long atMost) implements Step {}

    record GiveUp() implements Step {}
  }

  /** Makes a search that looks for {@code waitMillis} after every origin has been tried once. */
  Search(long waitMillis, long now) {
    this(waitMillis, LONGEST_PAUSE_MILLIS, now);
  }

  /** Makes a search whose pauses grow to {@code longestPauseMillis}, and at least to 250 ms. */
  Search(long waitMillis, long longestPauseMillis, long now) {
    this.waitMillis = waitMillis;
    this.longestPauseMillis = Math.max(LONGEST_PAUSE_MILLIS, longestPauseMillis);
    this.since = now;
  }

  /** Notes that the call could not be sent before now. The time to look for an origin begins. */
  void begins(long now) {
    since = now;
  }

  Set<String> tried() {
    return tried;
  }

  int attempts() {
    return attempts;
  }

  /**
   * Returns the next step. {@code healthy} is the first origin that is healthy and was not tried.
   * {@code all} has the origins that are enabled, in order.
   */
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
   * Notes that the last attempt failed. A failure at a process or a connection that is gone says
   * nothing of the process that is there now, so the origin may be tried again at once.
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
   * Notes that the last attempt was at work when it failed. The search begins anew if that attempt
   * was the first, or had worked for as long as a search lasts and for 10 s at least. A call that
   * every origin takes up and soon drops, as when their database is away, must end like a call that
   * no origin takes up.
   */
  void cutShort(long workedMillis, long now) {
    if (attempts <= 1 || workedMillis >= Math.max(waitMillis, LONG_WORK_MILLIS)) {
      since = now;
      pause = FIRST_PAUSE_MILLIS;
    }
  }
}
