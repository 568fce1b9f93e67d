package com.mcpist.origin.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API keys by their digests, from the database and for 3 s from memory, the unknown ones too: a key
 * that is revoked or expires stops so much later. Few are looked up at once, so that whoever sends
 * many that are unknown leaves the connections to calls.
 */
public final class ApiKeys implements KeyUsers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);
  private static final Duration LIFE = Duration.ofSeconds(3);
  private static final int MOST_KNOWN = 4_096;
  private static final int AT_ONCE = 3;
  private static final long WAIT_MILLIS = 4_000;
  private static final long TURN_MILLIS = 2_000;
  private static final int STATEMENT_SECONDS = 1;

  /** A transaction of one round trip, which sees the row of this digest and no other. */
  private static final String LOOK_UP =
      """
      select set_config('mcpist.key_digest', ?, true);
      select user_id from api_key
      where digest = decode(?, 'hex') and revoked_at is null
        and (expires_at is null or expires_at > clock_timestamp());
      commit\
      """;

  private final Database database;
  private final BooleanSupplier ready;
  private final AsyncCache<String, Optional<String>> known;
  private final Semaphore turns = new Semaphore(AT_ONCE);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("key-", 0).factory());

  /**
   * Looks them up on this pool.
   *
   * @param ready whether the schema is there
   */
  public ApiKeys(Database database, BooleanSupplier ready) {
    this(database, ready, Ticker.systemTicker());
  }

  ApiKeys(Database database, BooleanSupplier ready, Ticker ticker) {
    this.database = database;
    this.ready = ready;
    this.known =
        Caffeine.newBuilder()
            .maximumSize(MOST_KNOWN)
            .expireAfterWrite(LIFE)
            .ticker(ticker)
            .executor(Runnable::run)
            .buildAsync();
  }

  @Override
  public Optional<String> user(String digest) throws RefusedException {
    // Those who ask for the same one at the same time wait for one answer.
    CompletableFuture<Optional<String>> answer = known.get(digest, (d, any) -> begin(d));
    try {
      return answer.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("An API key could not be looked up: {}", firstLine(e));
      // The cache forgets a failure by itself, but not before others may have seen it.
      known.asMap().remove(digest, answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RefusedException(Refusal.unavailable());
  }

  /** A failure is not kept: whoever asks next asks the database again. */
  private CompletableFuture<Optional<String>> begin(String digest) {
    CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            answer.complete(lookUp(digest));
          } catch (Exception e) {
            // Of all failures the one that the cache takes for nothing to write into the log.
            answer.completeExceptionally(new TimeoutException(firstLine(e)));
          }
        });
    return answer;
  }

  private Optional<String> lookUp(String digest)
      throws SQLException, TimeoutException, InterruptedException {
    if (!ready.getAsBoolean()) {
      throw new TimeoutException("the database is away, or its schema is not there yet");
    }
    if (!turns.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("too many are being looked up");
    }
    try {
      return twice(digest);
    } finally {
      turns.release();
    }
  }

  /** A pooled connection may have been lost unseen. */
  private Optional<String> twice(String digest) throws SQLException {
    try (Handle handle = database.open()) {
      return read(handle, digest);
    } catch (SQLException | JdbiException e) {
      LOG.debug("Looking an API key up again after: {}", firstLine(e));
    }
    try (Handle handle = database.openFresh()) {
      return read(handle, digest);
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

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
