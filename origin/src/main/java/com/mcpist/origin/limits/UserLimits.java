package com.mcpist.origin.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Admission;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * How much each user may call this process, by plan. Another origin counts for itself: after a
 * failover a user may call as much again. The users are bounded in number; who has been away for as
 * long as it takes to have everything back is forgotten.
 */
public final class UserLimits implements Admission, AutoCloseable {
  /**
   * Attempts of an edge at one call, at most. When a client sends a call again by the key that an
   * edge gave it, the edge counts on from where the first sending's attempts end at the latest: 65.
   * So 1, 65, 129 … are a client's doing, and all between them an edge's.
   */
  static final int MOST_ATTEMPTS = 64;

  /** With the wait for an API key 2 s: an edge takes 3 s of silence for an origin that is gone. */
  private static final Duration FIRST_PLAN = Duration.ofMillis(300);

  private static final int MOST_USERS = 10_000;
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(5);

  private final Plans plans;
  private final TimeMeter clock;
  private final Cache<String, Account> accounts;

  /** Of users who have a call under way, however long ago it began: those are not forgotten. */
  private final Map<String, Held> held = new ConcurrentHashMap<>();

  UserLimits(PlanSource source, Ticker ticker, Duration firstPlan) {
    this.plans = new Plans(source, ticker, firstPlan);
    this.clock = new Clock(ticker);
    this.accounts =
        Caffeine.newBuilder()
            .maximumSize(MOST_USERS)
            .expireAfterAccess(FORGOTTEN_AFTER)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /**
   * By the plans in this database.
   *
   * @param ready whether the schema is there
   */
  public static UserLimits of(Database database, BooleanSupplier ready) {
    return new UserLimits(new PlanTable(database, ready), Ticker.systemTicker(), FIRST_PLAN);
  }

  @Override
  public Pass enter(String user, int attempt, int calls) throws RefusedException {
    boolean refusable = (attempt - 1) % MOST_ATTEMPTS == 0;
    Account account = hold(user).account();
    try {
      plans.keep(user, account, refusable);
      Pass pass = account.enter(calls, refusable);
      AtomicBoolean left = new AtomicBoolean();
      return () -> {
        if (left.compareAndSet(false, true)) {
          pass.close();
          letGo(user);
        }
      };
    } catch (RefusedException | RuntimeException e) {
      letGo(user);
      throw e;
    }
  }

  /** An account, and how many requests are under way with it, those that wait to be let in too. */
  private record Held(Account account, int requests) {}

  private Held hold(String user) {
    return held.compute(
        user,
        (u, known) ->
            known == null
                ? new Held(accounts.get(u, n -> new Account(Plan.STANDARD, clock)), 1)
                : new Held(known.account(), known.requests() + 1));
  }

  private void letGo(String user) {
    held.computeIfPresent(
        user,
        (u, known) ->
            known.requests() == 1 ? null : new Held(known.account(), known.requests() - 1));
  }

  @Override
  public void close() {
    plans.close();
  }

  /** Bucket4j's clock, which is Caffeine's. */
  private record Clock(Ticker ticker) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return ticker.read();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }
}
