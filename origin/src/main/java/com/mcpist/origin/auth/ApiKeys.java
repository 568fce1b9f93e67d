package com.mcpist.origin.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.mcpist.origin.db.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API keys by their digests, from the database and for 3 s from memory, the unknown ones too: a key
 * that is revoked or expires stops so much later. Few are looked up at once, and few in a second,
 * so that whoever sends many that are unknown leaves the database to calls, and keys that were good
 * lately have turns of their own, so that they do not wait behind those.
 */
public final class ApiKeys implements Access.KeyUsers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);

  /** Of an answer, from when it was asked for. */
  private static final Duration LIFE = Duration.ofSeconds(3);

  private static final Duration GOOD_LATELY = Duration.ofDays(1);
  private static final int MOST_KNOWN = 4_096;
  private static final int AT_ONCE = 2;

  /** With the wait for a first plan 2 s: an edge takes 3 s of silence for a dead origin. */
  private static final long WAIT_MILLIS = 1_700;

  private static final long TURN_MILLIS = 1_200;

  /** Of keys that were not good lately: 200 a second, after the first 400. */
  private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long BURST_NANOS = 400 * PACE_NANOS;
  private static final long WARNING_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int STATEMENT_SECONDS = 1;

  /** A transaction of one round trip, which sees the row of this digest and no other. */
  private static final String LOOK_UP =
      """
      select set_config('mcpist.key_digest', ?, true), set_config('enable_seqscan', 'off', true),
        set_config('jit', 'off', true);
      select user_id from api_key
      where digest = decode(?, 'hex') and revoked_at is null
        and (expires_at is null or expires_at > clock_timestamp());
      commit\
      """;

  private record Answer(Optional<String> user, long askedNanos) {}

  private final Database.Lookup<Optional<String>> source;
  private final Ticker ticker;
  private final AsyncCache<String, Answer> known;
  private final Cache<String, Boolean> good;
  private final Semaphore turns = new Semaphore(AT_ONCE);
  private final Semaphore turnsOfGood = new Semaphore(AT_ONCE);
  private final AtomicLong nextWarning;
  private long paced;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("key-", 0).factory());

  public ApiKeys(Database database, BooleanSupplier ready) {
    this(digest -> find(database, ready, digest), Ticker.systemTicker());
  }

  ApiKeys(Database.Lookup<Optional<String>> source, Ticker ticker) {
    this.source = source;
    this.ticker = ticker;
    this.nextWarning = new AtomicLong(ticker.read());
    this.paced = ticker.read() - BURST_NANOS;
    this.known = bounded(ticker).expireAfterWrite(LIFE).buildAsync();
    this.good = bounded(ticker).expireAfterWrite(GOOD_LATELY).build();
  }

  private static Caffeine<Object, Object> bounded(Ticker ticker) {
    return Caffeine.newBuilder().maximumSize(MOST_KNOWN).ticker(ticker).executor(Runnable::run);
  }

  @Override
  public Optional<String> user(String digest) throws RefusedException {
    // Those who ask for the same one at the same time wait for one answer.
    CompletableFuture<Answer> answer = asked(digest);
    try {
      return answer.get(WAIT_MILLIS, TimeUnit.MILLISECONDS).user();
    } catch (ExecutionException | TimeoutException e) {
      tell(e);
      // The cache forgets a failure by itself, but not before others may have seen it.
      known.asMap().remove(digest, answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw RefusedException.unavailable();
  }

  /** The cache counts from when an answer came; that it is given no longer is seen to here. */
  private CompletableFuture<Answer> asked(String digest) {
    CompletableFuture<Answer> answer = known.get(digest, (d, any) -> begin(d));
    if (answer.state() == Future.State.SUCCESS
        && ticker.read() - answer.resultNow().askedNanos() >= LIFE.toNanos()) {
      known.asMap().remove(digest, answer);
      return known.get(digest, (d, any) -> begin(d));
    }
    return answer;
  }

  /** A failure is not kept: whoever asks next asks the database again. */
  private CompletableFuture<Answer> begin(String digest) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            answer.complete(lookUp(digest));
          } catch (Exception e) {
            // Of all failures the one that the cache takes for nothing to write into the log.
            answer.completeExceptionally(new TimeoutException(Database.firstLine(e)));
          }
        });
    return answer;
  }

  private Answer lookUp(String digest) throws SQLException, TimeoutException, InterruptedException {
    boolean wasGood = good.getIfPresent(digest) != null;
    if (!wasGood) {
      TimeUnit.NANOSECONDS.sleep(pace());
    }
    Semaphore own = wasGood ? turnsOfGood : turns;
    if (!own.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("too many are being looked up");
    }
    try {
      long asked = ticker.read();
      Optional<String> user = source.find(digest);
      user.ifPresentOrElse(u -> good.put(digest, true), () -> good.invalidate(digest));
      return new Answer(user, asked);
    } finally {
      own.release();
    }
  }

  /** The nanoseconds until a key that is unknown may be looked up. */
  private synchronized long pace() throws TimeoutException {
    long now = ticker.read();
    long next = Math.max(paced, now - BURST_NANOS) + PACE_NANOS;
    if (next - now > TimeUnit.MILLISECONDS.toNanos(TURN_MILLIS)) {
      throw new TimeoutException("too many are unknown");
    }
    paced = next;
    return next - now;
  }

  /** Once in a while: there may be one for each call, and whoever sends made-up keys makes more. */
  private void tell(Exception failure) {
    long now = ticker.read();
    long next = nextWarning.get();
    if (now - next >= 0 && nextWarning.compareAndSet(next, now + WARNING_NANOS)) {
      LOG.warn("API keys could not be looked up: {}", Database.firstLine(failure));
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** Asks twice: a pooled connection may have been lost unseen. */
  static Optional<String> find(Database database, BooleanSupplier ready, String digest)
      throws SQLException {
    if (!ready.getAsBoolean()) {
      throw new SQLException("the database is away, or its schema is not there yet");
    }
    try (Handle handle = database.open()) {
      return read(handle, digest);
    } catch (SQLException | JdbiException e) {
      LOG.debug("Looking an API key up again", e);
    }
    try (Handle handle = database.openFresh()) {
      return read(handle, digest);
    } catch (ConnectionException e) {
      throw new SQLException("the pool has no connection free", e);
    }
  }

  private static Optional<String> read(Handle handle, String digest) throws SQLException {
    try (PreparedStatement s = handle.getConnection().prepareStatement(LOOK_UP)) {
      s.setQueryTimeout(STATEMENT_SECONDS);
      s.setString(1, digest);
      s.setString(2, digest);
      s.execute();
      s.getMoreResults();
      try (ResultSet row = s.getResultSet()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }
}
