package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.Rejection.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
  private long nanos = 3;

  private RateLimits limits(int addressPerMinute, int userPerSecond, int burst) {
    return new RateLimits(
        new LimitSettings(addressPerMinute, 0, userPerSecond, burst, List.of()), () -> nanos);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private static Optional<Refusal> ask(RateLimits limits, String address) {
    return limits.ofAddress(address);
  }

  private static Refusal limited(String policy, String state, String seconds) {
    return new Refusal(
        Rejection.RATE_LIMITED,
        Map.of("RateLimit-Policy", policy, "RateLimit", state, "Retry-After", seconds));
  }

  @Test
  void anAddressHasItsNumberAMinute() {
    RateLimits limits = limits(1_000, 0, 0);
    for (int i = 0; i < 1_000; i++) {
      assertThat(ask(limits, "203.0.113.9")).isEmpty();
    }
    assertThat(ask(limits, "203.0.113.9"))
        .contains(limited("\"address\";q=1000;w=60", "\"address\";r=0;t=1", "1"));
    assertThat(ask(limits, "203.0.113.10")).isEmpty();
    pass(Duration.ofMillis(61));
    assertThat(ask(limits, "203.0.113.9")).isEmpty();
    assertThat(ask(limits, "203.0.113.9")).isPresent();
  }

  @Test
  void newKeysHaveAShareOfTheirOwnAndAnAcceptedOneIsGivenBack() {
    RateLimits limits = limits(2, 0, 0);
    for (int i = 0; i < 10; i++) {
      assertThat(limits.ofNewKey("203.0.113.9")).isEmpty();
      limits.keyAccepted("203.0.113.9");
    }
    assertThat(limits.ofNewKey("203.0.113.9")).isEmpty();
    assertThat(limits.ofNewKey("203.0.113.9")).isEmpty();
    assertThat(limits.ofNewKey("203.0.113.9"))
        .contains(limited("\"address\";q=16;w=60", "\"address\";r=0;t=4", "4"));
    assertThat(limits.ofNewKey("203.0.113.10")).isEmpty();
    assertThat(ask(limits, "203.0.113.9")).as("a request without a key").isEmpty();
    pass(Duration.ofSeconds(4));
    assertThat(limits.ofNewKey("203.0.113.9")).isEmpty();
    assertThat(limits.ofNewKey("203.0.113.9")).isPresent();
  }

  @Test
  void aUserHasABurstAndThenHisRate() {
    RateLimits limits = limits(0, 5, 50);
    for (int i = 0; i < 50; i++) {
      assertThat(limits.ofUser("alice")).isEmpty();
    }
    assertThat(limits.ofUser("alice"))
        .contains(limited("\"user\";q=5;w=1", "\"user\";r=0;t=1", "1"));
    assertThat(limits.ofUser("bob")).isEmpty();
    int taken = 0;
    for (int second = 0; second < 60; second++) {
      pass(Duration.ofSeconds(1));
      taken += (int) IntStream.range(0, 20).filter(i -> limits.ofUser("alice").isEmpty()).count();
    }
    assertThat(taken).isEqualTo(300);
  }

  @Test
  void aBodyCountsAsCallsByItsLengthUpToHalfABurst() {
    RateLimits limits = limits(0, 5, 50);
    for (int from = 0; from < 4_000_000; from += 10_000) {
      assertThat(limits.ofBody("alice", from, from + 10_000)).isEmpty();
    }
    for (int i = 0; i < 25; i++) {
      assertThat(limits.ofUser("alice")).isEmpty();
    }
    assertThat(limits.ofBody("alice", 0, 163_839)).isEmpty();
    assertThat(limits.ofBody("alice", 163_839, 163_840)).isPresent();
    pass(Duration.ofSeconds(1));
    assertThat(limits.ofBody("alice", 0, 131_072 + 5 * 32_768)).isEmpty();
    assertThat(limits.ofUser("alice")).isPresent();
  }

  @Test
  void whoIsTurnedAwayIsToldWhenToComeAgain() {
    RateLimits limits = limits(2, 0, 0);
    ask(limits, "203.0.113.9");
    ask(limits, "203.0.113.9");
    Refusal refusal = ask(limits, "203.0.113.9").orElseThrow();
    assertThat(refusal.headers()).containsEntry("Retry-After", "30");
    pass(Duration.ofSeconds(30));
    assertThat(ask(limits, "203.0.113.9")).isEmpty();
  }

  @Test
  void aRefusalCostsNothing() {
    RateLimits limits = limits(0, 1, 1);
    limits.ofUser("alice");
    IntStream.range(0, 100).forEach(i -> limits.ofUser("alice"));
    pass(Duration.ofSeconds(1));
    assertThat(limits.ofUser("alice")).isEmpty();
  }

  @Test
  void zeroIsNoLimit() {
    RateLimits limits = limits(0, 0, 0);
    for (int i = 0; i < 10_000; i++) {
      assertThat(ask(limits, "203.0.113.9")).isEmpty();
      assertThat(limits.ofUser("alice")).isEmpty();
    }
  }

  @Test
  void manyThreadsGetNoMoreThanOne() throws InterruptedException {
    RateLimits limits = limits(0, 10, 500);
    AtomicInteger taken = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              for (int n = 0; n < 200; n++) {
                                if (limits.ofUser("alice").isEmpty()) {
                                  taken.incrementAndGet();
                                }
                              }
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(taken).hasValue(500);
  }
}
