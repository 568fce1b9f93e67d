package com.mcpist.origin.share;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A throttle for work whose cost is known only when it is done, such as a call whose answer may be
 * large. Each user may have work of a certain cost in a second, and of more in a burst. A user who
 * has had more waits before the next work, until time has paid for it. Cheap work costs nothing.
 *
 * <p>Work that has begun is expected to cost as much as the costliest work that the user has had in
 * the last ten minutes, so that a user cannot begin much costly work at once. The work of a new
 * user is expected to have a certain cost until the first work has ended. A user whose work is
 * cheap does not wait from then on. Thread-safe.
 */
public final class Throttle {
  private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final double NANOS = 1e9;

  /** The most users that are kept. Each one takes about 150 bytes. */
  static final int MOST_USERS = 10_000;

  private final Limits limits;
  private final LongSupplier clock;

  /**
   * The users of the last ten minutes. Those who have begun and ended nothing for longest come
   * first.
   */
  private final Map<String, Account> accounts = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * The limits of each user.
   *
   * @param perSecond the cost that a second pays for
   * @param burst the cost that a user may have at once
   * @param cheap the cost up to which work is free
   * @param unknown the cost that the work of a new user is expected to have
   */
  public record Limits(long perSecond, long burst, long cheap, long unknown) {}

  /** An account says what one user owes for work that was done or has begun. */
  private static final class Account {
    private long owed;
    private long owedAt;

    /** The cost that the user's next work is expected to have, and since when it is expected. */
    private long expected;

    private long expectedAt;

    /** False until work of the user has ended. */
    private boolean known;
  }

  /**
   * Creates a throttle.
   *
   * @param clock nanoseconds, as System.nanoTime
   */
  public Throttle(Limits limits, LongSupplier clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** Returns a turn, which has not begun. */
  public Turn enter(String user) {
    return new Turn(user);
  }

  /** A turn is one piece of work of a user. It is used by one thread at a time. */
  public final class Turn implements AutoCloseable {
    private final String user;
    private boolean begun;
    private long reserved;
    private long reservedAt;
    private long cost;

    private Turn(String user) {
      this.user = user;
    }

    /**
     * Waits for so long at most until the work may begin, and begins it.
     *
     * @return as {@link #begin}
     */
    public Duration await(Duration longest) throws InterruptedException {
      long end = System.nanoTime() + longest.toNanos();
      synchronized (Throttle.this) {
        while (true) {
          Duration wait = begin();
          long left = end - System.nanoTime();
          if (wait.isZero() || left <= 0) {
            return wait;
          }
          TimeUnit.NANOSECONDS.timedWait(Throttle.this, Math.min(left, wait.toNanos()));
        }
      }
    }

    /**
     * Begins the work if it may begin now. Once the work has begun, the method does nothing.
     *
     * @return zero if the work has begun, or else the time after which it may begin if no other
     *     work of the user begins meanwhile
     */
    public Duration begin() {
      synchronized (Throttle.this) {
        forget();
        if (begun) {
          return Duration.ZERO;
        }
        Account account = accounts.computeIfAbsent(user, u -> new Account());
        pay(account);
        if (!account.known || !isRecent(account)) {
          account.known = false;
          expect(account, limits.unknown);
        }
        long beyond = Math.min(account.owed, account.owed + account.expected - limits.burst);
        if (account.expected > 0 && beyond > 0) {
          return Duration.ofNanos(1 + (long) (beyond * NANOS / limits.perSecond));
        }
        reserved = account.expected;
        reservedAt = clock.getAsLong();
        account.owed += reserved;
        begun = true;
        return Duration.ZERO;
      }
    }

    /** Adds to the cost of the work. */
    public void costs(long more) {
      synchronized (Throttle.this) {
        cost += more;
      }
    }

    /**
     * Ends the work. The user owes its cost instead of what was reserved for it, less what time has
     * paid for since it began. A second call does nothing.
     */
    @Override
    public void close() {
      synchronized (Throttle.this) {
        Account account = accounts.get(user);
        if (begun && account != null) {
          long owes = cost > limits.cheap ? cost : 0;
          long paid = Math.min(reserved, paid(reservedAt));
          pay(account);
          long owed = account.owed - (reserved - paid) + Math.max(0, owes - paid);
          account.owed = Math.clamp(owed, 0, 2 * limits.burst);
          if (!account.known || !isRecent(account) || owes >= account.expected) {
            account.known = true;
            expect(account, owes);
          }
          Throttle.this.notifyAll();
        }
        begun = false;
        reserved = 0;
        cost = 0;
      }
    }
  }

  private void expect(Account account, long cost) {
    account.expected = cost;
    account.expectedAt = clock.getAsLong();
  }

  /** Returns the cost that the time since then has paid for. */
  private long paid(long since) {
    return (long) ((clock.getAsLong() - since) / NANOS * limits.perSecond);
  }

  private void pay(Account account) {
    account.owed = Math.max(0, account.owed - paid(account.owedAt));
    account.owedAt = clock.getAsLong();
  }

  private boolean isRecent(Account account) {
    return clock.getAsLong() - account.expectedAt < REMEMBERED_NANOS;
  }

  /**
   * Forgets the users who owe nothing and have had no work for long, and the eldest of too many.
   */
  private void forget() {
    Iterator<Account> all = accounts.values().iterator();
    while (all.hasNext()) {
      Account eldest = all.next();
      pay(eldest);
      boolean counts = eldest.owed > 0 || isRecent(eldest);
      if (counts && accounts.size() < MOST_USERS) {
        return;
      }
      all.remove();
    }
  }
}
