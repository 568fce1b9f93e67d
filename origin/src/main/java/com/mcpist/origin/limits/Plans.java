package com.mcpist.origin.limits;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users' plans, 5 s old at most. A user who calls all the time never waits for the database: what
 * is 2 s old is read anew beside the call.
 */
final class Plans implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Plans.class);
  private static final Duration OLDEST = Duration.ofSeconds(5);
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long WAIT_MILLIS = 4_000;
  private static final int MOST_KNOWN = 10_000;

  /** A plan, and when it was asked for. */
  private record Known(Plan plan, long atNanos) {}

  private final PlanSource source;
  private final Ticker ticker;
  private final AsyncCache<String, Known> known;
  private final Set<String> beingRead = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("plan-", 0).factory());

  Plans(PlanSource source, Ticker ticker) {
    this.source = source;
    this.ticker = ticker;
    this.known =
        Caffeine.newBuilder()
            .maximumSize(MOST_KNOWN)
            .expireAfterWrite(OLDEST)
            .ticker(ticker)
            .executor(Runnable::run)
            .buildAsync();
  }

  /** The user's plan; {@code last} where nobody can say. Blocks for some seconds at most. */
  Plan of(String user, Plan last) {
    CompletableFuture<Known> answer = known.get(user, (u, any) -> begin(u));
    try {
      Known now = answer.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
      if (ticker.read() - now.atNanos() >= REFRESH_NANOS) {
        refresh(user);
      }
      return now.plan();
    } catch (ExecutionException | TimeoutException e) {
      // Its call fails by itself where it needs the database.
      LOG.debug("A user's plan could not be read", e);
      known.asMap().remove(user, answer);
      return last;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return last;
    }
  }

  private void refresh(String user) {
    if (beingRead.add(user)) {
      var _ =
          begin(user)
              .whenComplete(
                  (now, failure) -> {
                    if (now != null) {
                      known.put(user, CompletableFuture.completedFuture(now));
                    }
                    beingRead.remove(user);
                  });
    }
  }

  private CompletableFuture<Known> begin(String user) {
    CompletableFuture<Known> answer = new CompletableFuture<>();
    threads.execute(
        () -> {
          long asked = ticker.read();
          try {
            answer.complete(new Known(source.plan(user), asked));
          } catch (SQLException | RuntimeException e) {
            // Of all failures the one that the cache takes for nothing to write into the log.
            answer.completeExceptionally(new TimeoutException(String.valueOf(e.getMessage())));
          }
        });
    return answer;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
