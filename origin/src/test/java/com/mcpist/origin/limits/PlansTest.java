package com.mcpist.origin.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.testkit.Conditions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a user's plan is had, on a clock moved by hand. */
final class PlansTest {
  private static final UserLimits.Plan SMALL = new UserLimits.Plan("small", 6, 2, 1);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicBoolean away = new AtomicBoolean();

  /** Nobody's plan is told while a test has this. */
  private final Semaphore slow = new Semaphore(1);

  private final Map<String, UserLimits.Plan> plans = new ConcurrentHashMap<>();
  private final UserLimits limits = new UserLimits(this::plan, nanos::get, Conditions.LIMIT);

  private UserLimits.Plan plan(String user) throws SQLException {
    reads.incrementAndGet();
    slow.acquireUninterruptibly();
    slow.release();
    if (away.get()) {
      throw new SQLException("away");
    }
    return plans.getOrDefault(user, SMALL);
  }

  @AfterEach
  void stop() {
    limits.close();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Calls, and is answered at once. */
  private void call(String user) throws RefusedException {
    limits.enter(user, 1, 1).close();
  }

  private RefusedException refused(String user) {
    return catchThrowableOfType(RefusedException.class, () -> call(user));
  }

  private boolean mayCall(String user) {
    try {
      call(user);
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }

  @Test
  void aNewPlanIsReadBesideTheCalls() throws Exception {
    for (int i = 0; i < 6; i++) {
      call("ann");
    }
    plans.put("ann", new UserLimits.Plan("large", 600, 5, 1));
    refused("ann");
    assertThat(reads).hasValue(1);

    pass(Duration.ofSeconds(2));
    // A fifth of a call had come back, a thirtieth of the minute's: so much of the new plan's.
    Conditions.await("the new plan counts", () -> mayCall("ann"));
    for (int i = 0; i < 19; i++) {
      call("ann");
    }
    assertThat(refused("ann").headers())
        .containsEntry("RateLimit-Policy", "\"minute\";q=600;w=60")
        .containsEntry("Retry-After", "1");
    pass(Duration.ofMillis(100));
    call("ann");
  }

  /** Were each waited for, these would take hours. */
  @Test
  @Timeout(60)
  void whoHasAPlanDoesNotWaitForAnother() throws Exception {
    call("ann");
    slow.acquire();
    try {
      for (int i = 0; i < 1_000; i++) {
        pass(Duration.ofMinutes(1));
        call("ann");
      }
      assertThat(reads.get()).as("and it is read once at a time").isLessThanOrEqualTo(2);
    } finally {
      slow.release();
    }
  }

  @Test
  void theFirstPlanIsWaitedForOnceAndNotForLong() throws Exception {
    try (UserLimits impatient = new UserLimits(this::plan, nanos::get, Duration.ofMillis(1))) {
      slow.acquire();
      for (int i = 0; i < UserLimits.Plan.STANDARD.callsPerMinute(); i++) {
        impatient.enter("ann", 1, 1).close();
      }
      slow.release();
    }
  }

  @Test
  @Timeout(60)
  void aLaterAttemptDoesNotWaitForAFirstPlan() throws Exception {
    slow.acquire();
    try {
      for (int i = 0; i < 1_000; i++) {
        limits.enter("user" + i, 2, 1).close();
      }
      assertThat(reads.get()).as("and few are read at once").isLessThanOrEqualTo(2);
    } finally {
      slow.release();
    }
  }

  @Test
  void whileNobodyCanLookTheLastPlanCounts() throws Exception {
    call("ann");
    away.set(true);
    pass(Duration.ofSeconds(6));

    for (int i = 0; i < 5; i++) {
      call("ann");
    }
    assertThat(refused("ann").headers()).containsEntry("RateLimit-Policy", "\"minute\";q=6;w=60");
    for (int i = 0; i < UserLimits.Plan.STANDARD.callsPerMinute(); i++) {
      call("new");
    }
    assertThat(refused("new").headers()).containsEntry("RateLimit-Policy", "\"minute\";q=300;w=60");
  }
}
