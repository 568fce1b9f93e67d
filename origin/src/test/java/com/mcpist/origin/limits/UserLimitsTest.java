package com.mcpist.origin.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.testkit.Conditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much a user may call, on a clock moved by hand. */
final class UserLimitsTest {
  private static final UserLimits.Plan SMALL = new UserLimits.Plan("small", 6, 2, 1);
  private final AtomicLong nanos = new AtomicLong();
  private final UserLimits limits = new UserLimits(user -> SMALL, nanos::get, Conditions.LIMIT);

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

  @Test
  void aMinutesCallsAreGivenBackEvenly() throws Exception {
    for (int i = 0; i < 6; i++) {
      call("ann");
    }

    RefusedException refusal = refused("ann");
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
  void aMinutesDatabaseTimeIsGivenBackEvenly() throws Exception {
    call("ann");
    for (int i = 0; i < 5; i++) {
      limits.add("ann", Duration.ofMillis(999));
    }
    call("ann");
    limits.add("ann", Duration.ofMillis(505));

    RefusedException refusal = refused("ann");
    assertThat(refusal.headers())
        .containsEntry("Retry-After", "7")
        .containsEntry("RateLimit-Policy", "\"database\";q=5;w=60")
        .containsEntry("RateLimit", "\"database\";r=0;t=7");
    limits.enter("ann", 2, 1).close(); // It was let in at its first attempt.
    call("bob");

    pass(Duration.ofSeconds(7));
    call("ann");
  }

  @Test
  void oneCallPaysForASecondAtMostWhileTheDatabaseHangs() throws Exception {
    call("ann");
    limits.add("ann", Duration.ofSeconds(40));
    assertThat(limits.isHeavy("ann")).isTrue();
    assertThat(limits.isHeavy("bob")).isFalse();
    call("ann");

    for (int i = 0; i < 5; i++) {
      limits.add("ann", Duration.ofSeconds(40));
    }
    assertThat(refused("ann").headers()).containsEntry("Retry-After", "13");
    pass(Duration.ofSeconds(13));
    call("ann");
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

  /** Those that are refused must not keep out those that there is room for. */
  @Test
  void ofManyAtOnceAsManyAreLetInAsMayBe() throws Exception {
    CountDownLatch planIsRead = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    AtomicInteger letIn = new AtomicInteger();
    try (UserLimits slow =
        new UserLimits(user -> awaited(planIsRead), nanos::get, Conditions.LIMIT)) {
      List<Thread> calls = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        calls.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      waiting.incrementAndGet();
                      try {
                        slow.enter("ann", 1, 1);
                        letIn.incrementAndGet();
                      } catch (RefusedException e) {
                        // One too many.
                      }
                    }));
      }
      Conditions.await(
          "all wait for the plan",
          () ->
              waiting.get() == 6
                  && calls.stream().allMatch(c -> c.getState() == Thread.State.TIMED_WAITING));
      planIsRead.countDown();
      for (Thread call : calls) {
        call.join();
      }
    }
    assertThat(letIn).hasValue(2);
  }

  private static UserLimits.Plan awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return SMALL;
  }

  @Test
  void callsUnderWayAreCountedHoweverLongTheyLast() throws Exception {
    Admission.Pass first = limits.enter("ann", 1, 0);
    Admission.Pass second = limits.enter("ann", 1, 0);
    pass(Duration.ofHours(3));

    assertThat(refused("ann").headers()).containsEntry("RateLimit-Policy", "\"concurrent\";q=2");
    first.close();
    pass(Duration.ofHours(3));
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
    call("ann");
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
    call("ann");
    for (int i = 0; i < 100; i++) {
      limits.enter("ann", 2, 1).close();
    }

    refused("ann");
    pass(Duration.ofSeconds(10));
    call("ann");
  }

  @Test
  void aBatchCostsAsMuchAsIsInIt() throws Exception {
    limits.enter("ann", 1, 4).close();

    assertThat(
            catchThrowableOfType(RefusedException.class, () -> limits.enter("ann", 1, 3)).headers())
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
}
