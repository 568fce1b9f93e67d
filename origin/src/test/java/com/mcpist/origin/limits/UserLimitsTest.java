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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much a user may call, on a clock moved by hand. */
final class UserLimitsTest {
  private static final Plan SMALL = new Plan("small", 6, 2);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicBoolean away = new AtomicBoolean();
  private final Map<String, Plan> plans = new ConcurrentHashMap<>();
  private final UserLimits limits = new UserLimits(this::plan, nanos::get);

  private Plan plan(String user) throws SQLException {
    reads.incrementAndGet();
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
    limits.enter(user, 1).close();
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
    Admission.Pass first = limits.enter("ann", 1);
    Admission.Pass second = limits.enter("ann", 1);

    assertThat(refused("ann").headers())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "Retry-After", "1",
                "RateLimit-Policy", "\"concurrent\";q=2",
                "RateLimit", "\"concurrent\";r=0;t=1"));
    first.close();
    first.close();
    Admission.Pass third = limits.enter("ann", 1);
    refused("ann");
    second.close();
    third.close();
    call("ann");
  }

  @Test
  void aRefusedCallCostsNothing() throws Exception {
    Admission.Pass first = limits.enter("ann", 1);
    Admission.Pass second = limits.enter("ann", 1);
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
      passes.add(limits.enter("ann", 2));
    }

    assertThat(refused("ann").headers()).containsEntry("RateLimit-Policy", "\"concurrent\";q=2");
    passes.forEach(Admission.Pass::close);
    assertThat(refused("ann").headers()).containsEntry("RateLimit-Policy", "\"minute\";q=6;w=60");
  }

  @Test
  void aNewPlanCountsAfterFiveSecondsAtTheLatest() throws Exception {
    for (int i = 0; i < 6; i++) {
      call("ann");
    }
    plans.put("ann", new Plan("large", 600, 5));
    refused("ann");

    pass(Duration.ofSeconds(5));
    // Half a call had come back, a twelfth of the minute's: so much there is of the new plan's.
    for (int i = 0; i < 50; i++) {
      call("ann");
    }
    assertThat(refused("ann").headers())
        .containsEntry("RateLimit-Policy", "\"minute\";q=600;w=60")
        .containsEntry("Retry-After", "1");
    pass(Duration.ofMillis(100));
    call("ann");
  }

  @Test
  void whoCallsAllTheTimeDoesNotWaitForThePlan() throws Exception {
    plans.put("ann", new Plan("large", 600, 5));
    call("ann");
    assertThat(reads).hasValue(1);

    pass(Duration.ofSeconds(2));
    call("ann");
    Conditions.await("it is read beside the call", () -> reads.get() == 2);
    away.set(true);
    pass(Duration.ofSeconds(4));
    call("ann");
    assertThat(reads.get()).as("what was read beside is used").isLessThanOrEqualTo(3);
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
