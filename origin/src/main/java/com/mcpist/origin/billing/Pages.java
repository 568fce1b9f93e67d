package com.mcpist.origin.billing;

import com.mcpist.origin.admin.AdminProblem;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Pages at Stripe that users have asked for a moment ago. Whoever asks again gets the same one, so
 * that no user spends what Stripe answers in a second.
 */
final class Pages {
  static final Duration FRESH = Duration.ofMinutes(1);
  private static final int AT_ONCE = 4;
  private static final int MOST = 1_000;
  private static final long PATIENCE_SECONDS = 5;

  private final LongSupplier nanoTime;
  private final Semaphore places = new Semaphore(AT_ONCE, true);
  private final Map<String, Page> pages = new LinkedHashMap<>();

  private record Page(String url, long made) {}

  /** Asks Stripe for a page. */
  @FunctionalInterface
  interface Maker {
    String make() throws AdminProblem;
  }

  Pages(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The page of that name, a new one where there is none of the last minute. */
  String get(String name, Maker maker) throws AdminProblem {
    try {
      if (!places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw AdminProblem.stripe("Too many ask for a page at Stripe: try again in a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AdminProblem.stripe("The origin is stopping: try again");
    }
    try {
      String known = known(name);
      if (known != null) {
        return known;
      }
      String url = maker.make();
      keep(name, url);
      return url;
    } finally {
      places.release();
    }
  }

  private synchronized @Nullable String known(String name) {
    Page page = pages.get(name);
    return page != null && nanoTime.getAsLong() - page.made < FRESH.toNanos() ? page.url : null;
  }

  private synchronized void keep(String name, String url) {
    pages.remove(name);
    pages.put(name, new Page(url, nanoTime.getAsLong()));
    if (pages.size() > MOST) {
      pages.remove(pages.keySet().iterator().next());
    }
  }
}
