package com.mcpist.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConditionsTest {

  @Test
  void waitsUntilItHoldsThoughItThrowsAtFirst() {
    AtomicInteger calls = new AtomicInteger();
    String value =
        Conditions.awaitValue(
            "the third call",
            Conditions.LIMIT,
            () -> {
              if (calls.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
              }
              return Optional.of("there");
            });
    assertThat(value).isEqualTo("there");
    assertThat(calls).hasValue(3);
  }

  /** So that a machine that stands still for as long as the limit turns no test red. */
  @Test
  void looksOnceMoreAfterTheLimit() {
    AtomicInteger looks = new AtomicInteger();
    Conditions.await("the second look", Duration.ZERO, () -> looks.incrementAndGet() == 2);
  }

  @Test
  void tellsWhatDidNotBecomeTrueAndWhy() {
    assertThatThrownBy(
            () ->
                Conditions.await(
                    "pigs fly",
                    Duration.ofMillis(20),
                    () -> {
                      throw new IllegalStateException("no wings");
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("pigs fly")
        .hasMessageContaining("no wings");
  }

  @Test
  void aClockMovesOnlyByHand() {
    MutableClock clock = MutableClock.at(Instant.EPOCH);
    clock.advance(Duration.ofMillis(1_500));
    assertThat(clock.instant()).isEqualTo(Instant.ofEpochMilli(1_500));
    assertThat(clock.nanoTime()).isEqualTo(1_500_000_000L);
  }

  @Test
  void aLeakIsNamed() throws Exception {
    LeakCheck nothing = LeakCheck.begin();
    nothing.close();

    CountDownLatch end = new CountDownLatch(1);
    LeakCheck check = LeakCheck.begin(Duration.ofMillis(50));
    Thread thread = Thread.ofPlatform().name("forgotten").start(() -> awaitQuietly(end));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(socket.isBound()).isTrue();
      assertThatThrownBy(check::close)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("forgotten")
          .hasMessageContaining("socket:");
    }
    end.countDown();
    thread.join();
    check.close();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
