package com.mcpist.origin.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.fixture.Logged;
import com.mcpist.testkit.Conditions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long an answer counts, and who waits for whom, on a clock moved by hand. */
final class KeysInMemoryTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Map<String, String> users = new ConcurrentHashMap<>();
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicInteger asked = new AtomicInteger();

  /** Those for whose answer the database takes until it is opened. */
  private final Map<String, CountDownLatch> slow = new ConcurrentHashMap<>();

  private final ApiKeys keys = new ApiKeys(this::lookUp, nanos::get);
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

  private Optional<String> lookUp(String digest) throws SQLException {
    asked.incrementAndGet();
    if (away.get()) {
      throw new SQLException("away");
    }
    Optional<String> user = Optional.ofNullable(users.get(digest));
    CountDownLatch gate = slow.get(digest);
    if (gate != null) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new SQLException(e);
      }
    }
    return user;
  }

  @AfterEach
  void stop() {
    slow.values().forEach(CountDownLatch::countDown);
    callers.shutdownNow();
    keys.close();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void anAnswersAgeCountsFromWhenItWasAskedFor() throws Exception {
    users.put("k", "ann");
    CountDownLatch gate = new CountDownLatch(1);
    slow.put("k", gate);
    Future<Optional<String>> first = callers.submit(() -> keys.user("k"));
    Conditions.await("it is asked for", () -> asked.get() == 1);

    users.remove("k");
    pass(Duration.ofMillis(1_500));
    slow.remove("k");
    gate.countDown();
    assertThat(first.get()).hasValue("ann");

    pass(Duration.ofMillis(1_400));
    assertThat(keys.user("k")).as("from memory").hasValue("ann");
    pass(Duration.ofMillis(101));
    assertThat(keys.user("k")).isEmpty();
  }

  @Test
  void aKeyThatWasGoodDoesNotWaitBehindMadeUpOnes() throws Exception {
    users.put("k", "ann");
    assertThat(keys.user("k")).hasValue("ann");
    pass(Duration.ofSeconds(3));
    for (int i = 0; i < 100; i++) {
      String madeUp = "m" + i;
      slow.put(madeUp, new CountDownLatch(1));
      var _ = callers.submit(() -> keys.user(madeUp));
    }
    Conditions.await("few of them are asked for", () -> asked.get() == 3);

    assertThat(keys.user("k")).hasValue("ann");
    assertThat(asked).hasValue(4);
  }

  @Test
  void ofUnknownOnesOnlySoManyASecondAreAskedFor() throws Exception {
    users.put("k", "ann");
    assertThat(keys.user("k")).hasValue("ann");
    pass(Duration.ofSeconds(3));
    List<Callable<Optional<String>>> madeUp =
        IntStream.range(0, 2_000)
            .<Callable<Optional<String>>>mapToObj(i -> () -> keys.user("m" + i))
            .toList();

    List<Future<Optional<String>>> answers = callers.invokeAll(madeUp);

    // 400 at once, and those that have their turn within 1.2 s.
    Conditions.await("they have been asked for", () -> asked.get() == 1 + 640);
    assertThat(answers.stream().filter(a -> a.state() == Future.State.FAILED))
        .hasSizeGreaterThanOrEqualTo(1_360);
    assertThat(keys.user("k")).hasValue("ann");
  }

  @Test
  void ofFailuresOneIsWarnedOfInAWhile() {
    away.set(true);
    try (Logged logged = Logged.by(ApiKeys.class)) {
      for (int i = 0; i < 50; i++) {
        String digest = "m" + i;
        assertThatThrownBy(() -> keys.user(digest)).isInstanceOf(RefusedException.class);
      }
      assertThat(logged.count("could not be looked up")).isEqualTo(1);
      pass(Duration.ofSeconds(30));
      assertThatThrownBy(() -> keys.user("k")).isInstanceOf(RefusedException.class);
      assertThat(logged.count("could not be looked up")).isEqualTo(2);
    }
  }
}
