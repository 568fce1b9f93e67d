package com.mcpist.origin.limits;

import com.mcpist.origin.auth.Refusal;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What one user has called of late, and calls now. */
final class Account {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int TOO_MANY = 429;

  private final Bucket bucket;
  private final AtomicInteger running = new AtomicInteger();
  private Plan plan;

  Account(Plan plan, TimeMeter clock) {
    this.plan = plan;
    this.bucket = Bucket.builder().addLimit(bandwidth(plan)).withCustomTimePrecision(clock).build();
  }

  /** The one that counts, until another is known. */
  synchronized Plan plan() {
    return plan;
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

  Admission.Pass enter(boolean refusable) throws RefusedException {
    Plan now = plan();
    if (running.incrementAndGet() > now.callsAtOnce() && refusable) {
      running.decrementAndGet();
      throw tooManyAtOnce(now);
    }
    if (!refusable) {
      bucket.consumeIgnoringRateLimits(1);
    } else {
      ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
      if (!probe.isConsumed()) {
        running.decrementAndGet();
        throw tooManyAMinute(now, probe.getNanosToWaitForRefill());
      }
    }
    AtomicBoolean left = new AtomicBoolean();
    return () -> {
      if (left.compareAndSet(false, true)) {
        running.decrementAndGet();
      }
    };
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
        new Refusal(
            TOO_MANY,
            "rate_limited",
            message,
            Map.of(
                "Retry-After",
                Long.toString(seconds),
                "RateLimit-Policy",
                policy,
                "RateLimit",
                "\"" + name + "\";r=0;t=" + seconds)));
  }
}
