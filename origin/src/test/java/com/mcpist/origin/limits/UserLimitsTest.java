package com.mcpist.origin.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.origin.auth.Refusal;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Admission;
import com.mcpist.testkit.Conditions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much a user may call, on a clock moved by hand. */
final class UserLimitsTest {
  private static final Plan SMALL = new Plan("small", 6, 2);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicBoolean away = new AtomicBoolean();

  /** Nobody's plan is told while a test has this. */
  private final Semaphore slow = new Semaphore(1);

  private final Map<String, Plan> plans = new ConcurrentHashMap<>();
  private final UserLimits limits = new UserLimits(this::plan, nanos::get, Conditions.LIMIT);

  private Plan plan(String user) throws SQLException {
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

  private Refusal refused(String user) {
    return catchThrowableOfType(RefusedException.class, () -> call(user)).refusal();
  }

  @Test
  void aMinutesCallsAreGivenBackEvenly() throws Exception {
    for (int i = 0; i < 6; i++) {
      call("ann");
    }

    Refusal refusal = refused("ann");
    assertThat(refusal.status()).isEqualTo(429);
    assertThat(refusal.code()).isEqualTo("rate_limited");
    assertThat(refusal.headers())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "Retry-After", "10",
                "RateLimit-Policy", "\"minute\";q=6;w=60",
                "RateLimit", "\"minute\";r=0;t=10"));

    pass(Duration.ofMillis(9_100));
    assertThat(refused("ann").headers()).containsEntry("Retry-After", "1");
    pass(Duration.ofSeconds(1));
    call("ann");
    assertThat(refused("ann").headers()).containsEntry("Retry-After", "10");
    pass(Duration.ofMinutes(10));
    for (int i = 0; i < 6; i++) {
      call("ann");
    }
    assertThat(refused("ann").status()).as("and no more than a minute's").isEqualTo(429);
  }

  @Test
  void oneUserIsNotAnother() throws Exception {
    for (int i = 0; i < 6; i++) {
      call("ann");
    }
    refused("ann");

    call("bob");
  }

  @Test
  void callsAtOnceAreCountedUntilTheyEnd() throws Exception {
    Admission.Pass first = limits.enter("ann", 1, 1);
    Admission.Pass second = limits.enter("ann", 1, 1);

    assertThat(refused("ann").headers())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "Retry-After", "1",
                "RateLimit-Policy", "\"concurrent\";q=2",
                "RateLimit", "\"concurrent\";r=0;t=1"));
    first.close();
    first.close();
    Admission.Pass third = limits.enter("ann", 1, 1);
    refused("ann");
    second.close();
    third.close();
    call("ann");
  }

  @Test
  void aRefusedCallCostsNothing() throws Exception {
    Admission.Pass first = limits.enter("ann", 1, 1);
    Admission.Pass second = limits.enter("ann", 1, 1);
    for (int i = 0; i < 20; i++) {
      refused("ann");
    }
    first.close();
    second.close();

    for (int i = 0; i < 4; i++) {
      call("ann");
    }
  }

  @Test
  void laterAttemptsAreCountedAndNotRefused() throws Exception {
    List<Admission.Pass> passes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      passes.add(limits.enter("ann", 2, 1));
    }

    assertThat(refused("ann").headers()).containsEntry("RateLimit-Policy", "\"concurrent\";q=2");
    passes.forEach(Admission.Pass::close);
    assertThat(refused("ann").headers()).containsEntry("RateLimit-Policy", "\"minute\";q=6;w=60");
  }

  @Test
  void laterAttemptsTakeNoMoreThanIsThere() throws Exception {
    for (int i = 0; i < 100; i++) {
      limits.enter("ann", 2, 1).close();
    }

    refused("ann");
    pass(Duration.ofSeconds(10));
    call("ann");
  }

  @Test
  void whoSendsACallAgainByAnEdgesKeyIsRefusedToo() throws Exception {
    for (int i = 0; i < 6; i++) {
      limits.enter("ann", 65, 1).close();
    }

    for (int attempt : new int[] {1, 65, 129}) {
      assertThat(catchThrowableOfType(RefusedException.class, () -> enter(attempt)))
          .as("attempt %d", attempt)
          .isNotNull();
    }
    for (int attempt : new int[] {2, 64, 66, 128, Integer.MAX_VALUE}) {
      enter(attempt);
    }
  }

  private void enter(int attempt) throws RefusedException {
    limits.enter("ann", attempt, 1).close();
  }

  @Test
  void aBatchCostsAsMuchAsIsInIt() throws Exception {
    limits.enter("ann", 1, 4).close();

    assertThat(
            catchThrowableOfType(RefusedException.class, () -> limits.enter("ann", 1, 3))
                .refusal()
                .headers())
        .containsEntry("Retry-After", "10");
    limits.enter("ann", 1, 2).close();
    pass(Duration.ofMinutes(1));
    limits.enter("ann", 1, 50).close();
    assertThat(refused("ann").headers())
        .as("one that is larger than a minute's takes all of it")
        .containsEntry("Retry-After", "10");
  }

  @Test
  void aStreamIsOneAtOnceAndNoneOfTheMinute() throws Exception {
    Admission.Pass first = limits.enter("ann", 1, 0);
    Admission.Pass second = limits.enter("ann", 1, 0);

    assertThat(refused("ann").headers()).containsEntry("RateLimit-Policy", "\"concurrent\";q=2");
    first.close();
    second.close();
    for (int i = 0; i < 6; i++) {
      call("ann");
    }
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
    plans.put("ann", new Plan("large", 600, 5));
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
      for (int i = 0; i < Plan.STANDARD.callsPerMinute(); i++) {
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
    for (int i = 0; i < Plan.STANDARD.callsPerMinute(); i++) {
      call("new");
    }
    assertThat(refused("new").headers()).containsEntry("RateLimit-Policy", "\"minute\";q=300;w=60");
  }
}
