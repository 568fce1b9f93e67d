package com.mcpist.origin.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Admission;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How much each user may call this process, by plan. Another origin counts for itself: after a
 * failover a user may call as much again. The users are bounded in number; who has been away for as
 * long as it takes to have everything back is forgotten.
 */
public final class UserLimits implements Admission, AutoCloseable {
  private static final int MOST_USERS = 10_000;
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(5);

  private final Plans plans;
  private final TimeMeter clock;
  private final Cache<String, Account> accounts;

  UserLimits(PlanSource source, Ticker ticker) {
    this.plans = new Plans(source, ticker);
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
    return new UserLimits(new PlanTable(database, ready), Ticker.systemTicker());
  }

  @Override
  public Pass enter(String user, int attempt) throws RefusedException {
    Account account = accounts.get(user, u -> new Account(Plan.STANDARD, clock));
    account.follow(plans.of(user, account.plan()));
    return account.enter(attempt <= 1);
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
