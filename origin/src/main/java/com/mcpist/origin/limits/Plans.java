package com.mcpist.origin.limits;

import com.github.benmanes.caffeine.cache.Ticker;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads users' plans beside their calls: one that is 2 s old anew, a few at once. Only who is new
 * here waits for it, and not for long.
 */
final class Plans implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Plans.class);
  private static final long TURN_MILLIS = 1_000;
  private static final int AT_ONCE = 2;

  private final PlanSource source;
  private final Ticker ticker;
  private final Duration firstWait;
  private final Semaphore turns = new Semaphore(AT_ONCE);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("plan-", 0).factory());

  /**
   * Reads from this source.
   *
   * @param firstWait how long a user's first one may be waited for
   */
  Plans(PlanSource source, Ticker ticker, Duration firstWait) {
    this.source = source;
    this.ticker = ticker;
    this.firstWait = firstWait;
  }

  /**
   * Has the user's plan read where it is due.
   *
   * @param wait whether the user's first one may be waited for
   */
  void keep(String user, Account account, boolean wait) {
    if (account.beginReading(ticker.read())) {
      threads.execute(() -> read(user, account));
    }
    if (wait) {
      account.awaitFirst(firstWait);
    }
  }

  private void read(String user, Account account) {
    try {
      if (turns.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          account.follow(source.plan(user));
        } finally {
          turns.release();
        }
      }
    } catch (SQLException | RuntimeException e) {
      // Its call fails by itself where it needs the database.
      LOG.debug("A user's plan could not be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      account.endReading();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
