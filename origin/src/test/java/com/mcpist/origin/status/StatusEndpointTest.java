package com.mcpist.origin.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.testkit.Conditions;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often the database is asked, and what is answered without it. */
final class StatusEndpointTest {
  private static final History NOTHING =
      new History(
          null, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), null,
          null);

  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();

  private StatusEndpoint on(StatusEndpoint.Source source) {
    return new StatusEndpoint(
        ids -> {
          reads.incrementAndGet();
          return source.read(ids);
        },
        List::of,
        nanos::get);
  }

  @Test
  void whatTheDatabaseSaidIsKeptForTwoSeconds() throws Exception {
    StatusEndpoint status = on(_ -> NOTHING);

    status.answer(Asking.of().bytes());
    status.answer(Asking.of().part("main").language("ja").bytes());
    status.answer(Asking.of().part("public").bytes());
    assertThat(reads).hasValue(1);
    status.answer(Asking.of().call("x").bytes());
    assertThat(reads).as("a call is looked up at once").hasValue(2);
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    status.answer(Asking.of().bytes());
    assertThat(reads).hasValue(3);
  }

  @Test
  void withoutTheDatabaseThereIsWhatTheEdgeTold() throws Exception {
    StatusEndpoint status =
        on(
            _ -> {
              throw new SQLException("away");
            });

    String page = status.answer(Asking.of().call("x").bytes()).html();

    assertThat(page)
        .contains("All well: <bdi>koyeb-primary</bdi> serves.")
        .contains("the history is missing")
        .contains("The database does not answer. Ask again.")
        .doesNotContain("Nothing is recorded");
    assertThat(status.answer(Asking.of().part("public").bytes()).html())
        .contains("Up: calls are answered.", "The incidents are not known now.")
        .doesNotContain("database");
    status.answer(Asking.of().bytes());
    assertThat(reads).as("only a call is looked up again at once").hasValue(2);
  }

  @Test
  void aSearchThatFailsHidesTheHistoryFromNobodyElse() throws Exception {
    StatusEndpoint status =
        on(
            ids -> {
              if (ids != null) {
                throw new SQLException("canceling statement due to statement timeout");
              }
              return NOTHING;
            });

    status.answer(Asking.of().bytes());
    assertThat(status.answer(Asking.of().call("x").bytes()).html()).contains("history is missing");
    assertThat(status.answer(Asking.of().bytes()).html()).doesNotContain("history is missing");
    assertThat(reads).as("what is kept is shown").hasValue(2);
  }

  @Test
  void afterAFewThatWaitOthersAreRefused() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger refused = new AtomicInteger();
    StatusEndpoint status =
        on(
            _ -> {
              try {
                go.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return NOTHING;
            });
    try (ExecutorService viewers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 18; i++) {
        viewers.execute(
            () -> {
              RefusedException e =
                  catchThrowableOfType(
                      RefusedException.class, () -> status.answer(Asking.of().bytes()));
              if (e != null && e.status() == 503) {
                refused.incrementAndGet();
              }
            });
      }
      try {
        Conditions.await(
            "one is made, and two are refused", () -> refused.get() == 2 && reads.get() > 0);
        assertThat(reads).as("one is made at a time").hasValue(1);
      } finally {
        go.countDown();
      }
    }
    assertThat(refused).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"edge\": null, \"part\": \"page\", \"language\": \"en\"}",
      })
  void whatIsNoQuestionIsRefused(String body) {
    assertThatThrownBy(() -> StatusEndpoint.off().answer(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.status()).isEqualTo(400));
  }

  @ParameterizedTest
  @ValueSource(strings = {"elsewhere", "Page1"})
  void anUnknownPartIsRefused(String part) {
    assertThatThrownBy(() -> StatusEndpoint.off().answer(Asking.of().part(part).bytes()))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void aCallThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> StatusEndpoint.off().answer(Asking.of().call("x".repeat(257)).bytes()))
        .isInstanceOf(RefusedException.class);
  }
}
