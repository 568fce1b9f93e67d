package com.mcpist.origin.db;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Keeps those who log in as the role of calls from trying it before that role is there and has been
 * looked at: some poolers lock everybody out after a few logins that failed.
 */
public final class LoginGate {
  /** How long to leave the database alone after it has refused a login, at first. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  /** SQLSTATE's class for a role or a password that is not taken. */
  private static final String REFUSED = "28";

  private final CountDownLatch closed = new CountDownLatch(1);

  public void open() {
    closed.countDown();
  }

  public void await() throws InterruptedException {
    closed.await();
  }

  /** Waits so long at most, and says whether it is open. */
  boolean await(Duration most) throws InterruptedException {
    return closed.await(most.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether a login, or an address of the database, was refused, and will be again. */
  public static boolean refused(Exception failure) {
    return SqlFailures.in(failure)
        .anyMatch(e -> String.valueOf(e.getSQLState()).startsWith(REFUSED));
  }

  /**
   * How long to wait before the next login, after so many refusals one after the other, at least
   * one.
   */
  public static Duration pause(int refusals) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(refusals - 1, 10));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }
}
