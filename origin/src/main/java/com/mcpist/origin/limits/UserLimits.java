package com.mcpist.origin.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much each user may call this process, by plan. Another origin counts for itself: after a
 * failover a user may call as much again. The users are bounded in number; who has been away for as
 * long as it takes to have everything back is forgotten.
 */
public final class UserLimits implements Admission, Database.Usage, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UserLimits.class);

  /** With the wait for an API key 2 s: an edge takes 3 s of silence for an origin that is gone. */
  private static final Duration FIRST_PLAN = Duration.ofMillis(300);

  private static final int MOST_USERS = 10_000;
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(5);
  private static final long TURN_MILLIS = 1_000;
  private static final int PLANS_AT_ONCE = 2;
  private static final int STATEMENT_SECONDS = 1;

  /** A transaction of one round trip, which sees this user's account and no other. */
  private static final String READ =
      """
      select set_config('mcpist.user_id', ?, true), set_config('enable_seqscan', 'off', true),
        set_config('jit', 'off', true);
      select name, calls_per_minute, calls_at_once, storage_mib from plan
      where name = coalesce((select plan from account where user_id = ?), ?);
      commit\
      """;

  private final Database.Lookup<Plan> source;
  private final Ticker ticker;
  private final Duration firstPlan;
  private final Semaphore turns = new Semaphore(PLANS_AT_ONCE);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("plan-", 0).factory());
  private final TimeMeter clock;
  private final Cache<String, Account> accounts;

  /** Of users who have a call under way, however long ago it began: those are not forgotten. */
  private final Map<String, Held> held = new ConcurrentHashMap<>();

  UserLimits(Database.Lookup<Plan> source, Ticker ticker, Duration firstPlan) {
    this.source = source;
    this.ticker = ticker;
    this.firstPlan = firstPlan;
    this.clock = new Clock(ticker);
    this.accounts =
        Caffeine.newBuilder()
            .maximumSize(MOST_USERS)
            .expireAfterAccess(FORGOTTEN_AFTER)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  public static UserLimits of(Database database, BooleanSupplier ready) {
    return new UserLimits(user -> find(database, ready, user), Ticker.systemTicker(), FIRST_PLAN);
  }

  @Override
  public Pass enter(String user, int attempt, int calls) throws RefusedException {
    boolean refusable = attempt == 1;
    Account account = hold(user).account();
    try {
      keepPlan(user, account, refusable);
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

  /**
   * Has the user's plan read where it is due, one that is 2 s old anew, beside the calls; waits for
   * the user's first one where that is wanted.
   */
  private void keepPlan(String user, Account account, boolean wait) {
    if (account.beginReading(ticker.read())) {
      threads.execute(() -> readPlan(user, account));
    }
    if (wait) {
      account.awaitFirst(firstPlan);
    }
  }

  private void readPlan(String user, Account account) {
    try {
      if (turns.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          account.follow(source.find(user));
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
  public void add(String user, Duration time) {
    Account account = accounts.getIfPresent(user);
    if (account != null) {
      account.addDatabaseTime(time);
    }
  }

  @Override
  public boolean isHeavy(String user) {
    Account account = accounts.getIfPresent(user);
    return account != null && account.isHeavy();
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
    threads.shutdownNow();
  }

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

  private static Plan find(Database database, BooleanSupplier ready, String user)
      throws SQLException {
    if (!ready.getAsBoolean()) {
      throw new SQLException("The database is away, or its schema is not there yet");
    }
    try (Handle handle = database.open();
        PreparedStatement s = handle.getConnection().prepareStatement(READ)) {
      s.setQueryTimeout(STATEMENT_SECONDS);
      s.setString(1, user);
      s.setString(2, user);
      s.setString(3, Plan.STANDARD.name());
      s.execute();
      s.getMoreResults();
      try (ResultSet row = s.getResultSet()) {
        if (!row.next()) {
          throw new SQLException("The standard plan is gone");
        }
        return new Plan(row.getString(1), row.getInt(2), row.getInt(3), row.getInt(4));
      }
    } catch (ConnectionException e) {
      throw new SQLException("The pool has no connection free", e);
    }
  }

  static final class Account {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int TOO_MANY = 429;

    /** Nobody pays more for a call: while the database hangs, that is not the user's doing. */
    private static final int DEAREST_MICROS = 1_000_000;

    /** Who has used so much of what comes back meanwhile has one connection at a time. */
    private static final int HEAVY_MICROS = 500_000;

    private final Bucket bucket;
    private final Bucket databaseMicros;
    private final AtomicInteger running = new AtomicInteger();

    /** Done when the plan has been read once, or nobody waits for it any more. */
    private final CountDownLatch first = new CountDownLatch(1);

    private Plan plan;
    private boolean reading;
    private boolean begun;
    private long begunNanos;

    Account(Plan plan, TimeMeter clock) {
      this.plan = plan;
      this.bucket = bucket(plan.callsPerMinute(), clock);
      this.databaseMicros = bucket(plan.databaseMicrosPerMinute(), clock);
    }

    private synchronized Plan plan() {
      return plan;
    }

    /** Whether the plan is due to be read: whoever is told so reads it. */
    synchronized boolean beginReading(long now) {
      boolean due = !reading && (!begun || now - begunNanos >= REFRESH_NANOS);
      if (due) {
        reading = true;
        begun = true;
        begunNanos = now;
      }
      return due;
    }

    synchronized void endReading() {
      reading = false;
      first.countDown();
    }

    /** Waits for the first reading of the plan; whoever has waited in vain is the last. */
    void awaitFirst(Duration most) {
      try {
        var _ = first.await(most.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      first.countDown();
    }

    /**
     * The share of a minute's calls and database time that is left carries over to the new plan.
     */
    synchronized void follow(Plan now) {
      if (now.callsPerMinute() != plan.callsPerMinute()) {
        refill(bucket, now.callsPerMinute());
        refill(databaseMicros, now.databaseMicrosPerMinute());
      }
      plan = now;
    }

    private static Bucket bucket(long aMinute, TimeMeter clock) {
      return Bucket.builder().addLimit(bandwidth(aMinute)).withCustomTimePrecision(clock).build();
    }

    private static void refill(Bucket bucket, long aMinute) {
      bucket.replaceConfiguration(
          BucketConfiguration.builder().addLimit(bandwidth(aMinute)).build(),
          TokensInheritanceStrategy.PROPORTIONALLY);
    }

    private static Bandwidth bandwidth(long aMinute) {
      return Bandwidth.builder().capacity(aMinute).refillGreedy(aMinute, MINUTE).build();
    }

    void addDatabaseTime(Duration time) {
      long micros = Math.clamp(time.toNanos() / 1_000, 1, DEAREST_MICROS);
      databaseMicros.consumeIgnoringRateLimits(micros);
    }

    boolean isHeavy() {
      return plan().databaseMicrosPerMinute() - databaseMicros.getAvailableTokens() > HEAVY_MICROS;
    }

    /** Admits a request that counts as so many of the minute's calls. */
    Admission.Pass enter(int calls, boolean refusable) throws RefusedException {
      Plan now = plan();
      if (running.incrementAndGet() > now.callsAtOnce() && refusable) {
        running.decrementAndGet();
        throw tooManyAtOnce(now);
      }
      if (calls > 0 && refusable && databaseMicros.getAvailableTokens() <= 0) {
        running.decrementAndGet();
        long wait = databaseMicros.estimateAbilityToConsume(1).getNanosToWaitForRefill();
        throw tooMuchDatabaseTime(now, wait);
      }
      // What is more than a whole minute's would never be let in.
      int cost = Math.min(calls, now.callsPerMinute());
      if (cost > 0 && !refusable) {
        // No more than is there: whoever's origins fail would otherwise be refused long afterwards.
        bucket.tryConsumeAsMuchAsPossible(cost);
      } else if (cost > 0) {
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(cost);
        if (!probe.isConsumed()) {
          running.decrementAndGet();
          throw tooManyAMinute(now, probe.getNanosToWaitForRefill());
        }
      }
      return running::decrementAndGet;
    }

    private static RefusedException tooManyAtOnce(Plan plan) {
      return refused(
          "You have %d calls under way, as many as you may.".formatted(plan.callsAtOnce()),
          "\"concurrent\";q=" + plan.callsAtOnce(),
          "concurrent",
          1);
    }

    private static RefusedException tooMuchDatabaseTime(Plan plan, long nanos) {
      long seconds = seconds(nanos);
      long most = TimeUnit.MICROSECONDS.toSeconds(plan.databaseMicrosPerMinute());
      return refused(
          "Your calls may take %d s of the database's time a minute, the next in %d s."
              .formatted(most, seconds),
          "\"database\";q=" + most + ";w=60",
          "database",
          seconds);
    }

    private static long seconds(long nanos) {
      return Math.max(1, Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1)));
    }

    private static RefusedException tooManyAMinute(Plan plan, long nanos) {
      long seconds = seconds(nanos);
      return refused(
          "You may make %d calls a minute, the next in %d s."
              .formatted(plan.callsPerMinute(), seconds),
          "\"minute\";q=" + plan.callsPerMinute() + ";w=60",
          "minute",
          seconds);
    }

    private static RefusedException refused(
        String message, String policy, String name, long seconds) {
      return new RefusedException(
          TOO_MANY,
          "rate_limited",
          message,
          Map.of(
              "Retry-After",
              Long.toString(seconds),
              "RateLimit-Policy",
              policy,
              "RateLimit",
              "\"" + name + "\";r=0;t=" + seconds));
    }
  }

  /**
   * How many calls a user may make of an origin in a minute, at any pace, and have unanswered at
   * once, and how many MiB the user may store, with what is kept of calls; the database sees to it.
   * A minute's calls may take as long of the database as if each took 50 ms, and 5 s at least: the
   * first calls of a new origin take longer.
   */
  public record Plan(String name, int callsPerMinute, int callsAtOnce, int storageMib) {
    /** As the migrations make it: for whoever has no other, and while nobody can look. */
    public static final Plan STANDARD = new Plan("standard", 300, 50, 100);

    private static final long DATABASE_MICROS_A_CALL = 50_000;
    private static final long LEAST_DATABASE_MICROS = 5_000_000;

    long databaseMicrosPerMinute() {
      return Math.max(LEAST_DATABASE_MICROS, callsPerMinute * DATABASE_MICROS_A_CALL);
    }
  }
}
