package com.mcpist.origin.share;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.share.Throttle.Turn;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ThrottleTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final AtomicLong clock = new AtomicLong();

  /** A second pays for 10, and a burst has 100. Up to 5 is free, and new work is taken for 50. */
  private final Throttle throttle =
      new Throttle(new Throttle.Limits(10, 100, 5, 50), clock::longValue);

  private Turn begun(String user) {
    Turn turn = throttle.enter(user);
    assertThat(turn.begin()).isZero();
    return turn;
  }

  private void work(String user, long cost) {
    try (Turn turn = begun(user)) {
      turn.costs(cost);
    }
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  /** The seconds, rounded down, after which work of the user may begin. */
  private long wait(String user) {
    try (Turn turn = throttle.enter(user)) {
      return turn.begin().toSeconds();
    }
  }

  @Test
  void cheapWorkNeverWaits() {
    for (int i = 0; i < 1000; i++) {
      work("ada", 5);
    }
    for (int i = 0; i < 1000; i++) {
      begun("ada").costs(5);
    }
  }

  @Test
  void costlyWorkWaitsUntilTimeHasPaidForIt() {
    work("eve", 60);

    assertThat(wait("eve")).isEqualTo(2);
    pass(Duration.ofSeconds(3));
    work("eve", 60);
    assertThat(wait("ada")).isZero();
  }

  @Test
  void costlyWorkThatHasBegunIsReserved() {
    work("eve", 40);
    pass(Duration.ofSeconds(4));
    Turn first = begun("eve");
    Turn second = begun("eve");

    assertThat(wait("eve")).isEqualTo(2);
    first.close();
    assertThat(wait("eve")).isZero();
    second.close();
    second.close();
    begun("eve");
    begun("eve");
    assertThat(wait("eve")).isEqualTo(2);
  }

  @Test
  void theTimeThatWorkTakesPaysForIt() {
    work("eve", 40);
    Turn turn = begun("eve");
    turn.costs(40);
    pass(Duration.ofSeconds(60));
    turn.close();

    Turn other = begun("eve");
    Turn another = begun("eve");
    assertThat(wait("eve")).isEqualTo(2);
    other.close();
    another.close();
  }

  @Test
  void whatCostsMoreThanABurstBeginsWhenNothingIsOwed() {
    work("eve", 1000);
    assertThat(wait("eve")).isEqualTo(20);
    pass(Duration.ofSeconds(21));
    work("eve", 1000);
  }

  @Test
  void theFirstWorkOfAUserIsTakenForCostly() {
    Turn first = begun("new");
    begun("new");
    assertThat(wait("new")).isEqualTo(5);

    first.close();
    for (int i = 0; i < 10; i++) {
      begun("new");
    }
  }

  @Test
  void costlyWorkIsForgotten() {
    work("eve", 100);
    assertThat(wait("eve")).isEqualTo(10);
    pass(Duration.ofMinutes(11));
    begun("ada");

    begun("eve");
    begun("eve");
    assertThat(wait("eve")).isEqualTo(5);
  }

  @Test
  void theEldestOfTooManyUsersIsForgotten() {
    work("eve", 100);
    for (int i = 0; i < Throttle.MOST_USERS - 1; i++) {
      work("user-" + i, 1);
    }
    assertThat(wait("user-0")).isZero();
    work("eve", 1);

    work("bob", 100);
    work("another", 1);
    assertThat(wait("bob")).isEqualTo(10);
  }

  @Test
  void workThatEndsLetsOthersBegin() throws Exception {
    work("eve", 60);
    pass(Duration.ofSeconds(6));
    Turn first = begun("eve");
    Turn second = throttle.enter("eve");
    assertThat(second.await(Duration.ofMillis(1)).toSeconds()).isEqualTo(2);

    var awaited =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return second.await(LONG);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    first.close();

    assertThat(awaited.get()).isZero();
  }
}
