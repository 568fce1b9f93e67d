package com.mcpist.origin.limits;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Admission;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What one user has called of late, and calls now. */
final class Account {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int TOO_MANY = 429;

  private final Bucket bucket;
  private final AtomicInteger running = new AtomicInteger();

  /** Done when the plan has been read once, or nobody waits for it any more. */
  private final CountDownLatch first = new CountDownLatch(1);

  private Plan plan;
  private boolean reading;
  private boolean begun;
  private long begunNanos;

  Account(Plan plan, TimeMeter clock) {
    this.plan = plan;
    this.bucket = Bucket.builder().addLimit(bandwidth(plan)).withCustomTimePrecision(clock).build();
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

  /** Waits until the plan has been read for the first time; whoever waited in vain is the last. */
  void awaitFirst(Duration most) {
    try {
      var _ = first.await(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    first.countDown();
  }

  /** What is left of the minute is so much of the new plan's as it was of the old one's. */
  synchronized void follow(Plan now) {
    if (now.callsPerMinute() != plan.callsPerMinute()) {
      bucket.replaceConfiguration(
          BucketConfiguration.builder().addLimit(bandwidth(now)).build(),
          TokensInheritanceStrategy.PROPORTIONALLY);
    }
    plan = now;
  }

  private static Bandwidth bandwidth(Plan plan) {
    return Bandwidth.builder()
        .capacity(plan.callsPerMinute())
        .refillGreedy(plan.callsPerMinute(), MINUTE)
        .build();
  }

  /** Lets a request in that is so many of the minute's calls. */
  Admission.Pass enter(int calls, boolean refusable) throws RefusedException {
    Plan now = plan();
    if (running.incrementAndGet() > now.callsAtOnce() && refusable) {
      running.decrementAndGet();
      throw tooManyAtOnce(now);
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
        "You have %d calls under way, as many as you may. Wait for one to end."
            .formatted(plan.callsAtOnce()),
        "\"concurrent\";q=" + plan.callsAtOnce(),
        "concurrent",
        1);
  }

  private static RefusedException tooManyAMinute(Plan plan, long nanos) {
    long seconds = Math.max(1, Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1)));
    return refused(
        "You may make %d calls a minute. Send this one again in %d s."
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
