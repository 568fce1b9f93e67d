package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.TooOldException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Further sendings of an edge's call, by its key. */
final class TooOldTest {
  private static LedgerDatabase database;
  private static LedgerOrigin origin;
  private final AtomicInteger runs = new AtomicInteger();

  @BeforeAll
  static void start() throws SQLException {
    database = LedgerDatabase.create();
    origin = LedgerOrigin.on(database.url());
  }

  @AfterAll
  static void stop() throws SQLException {
    origin.close();
    database.close();
  }

  private Tool counts(Effect effect) {
    return tool(effect, c -> ToolResult.text("run " + runs.incrementAndGet()));
  }

  @ParameterizedTest
  @EnumSource(names = {"WRITES_DATABASE", "ACTS_OUTSIDE", "ACTS_OUTSIDE_IDEMPOTENTLY"})
  void afterAQuarterOfAnHourOnlyAStoredResultIsFound(Effect effect) throws Exception {
    Tool tool = counts(effect);
    TestInvocation call = TestInvocation.first(Duration.ofMinutes(16));
    ToolResult first = origin.run(tool, call);
    assertThat(origin.run(tool, call.sentAgain())).isEqualTo(first);
    database.jdbi().useHandle(h -> h.execute("delete from tool_call"));

    assertThatThrownBy(() -> origin.run(tool, call.sentAgain()))
        .isInstanceOf(TooOldException.class);
    assertThatThrownBy(() -> origin.run(tool, call.attempt(65)))
        .isInstanceOf(TooOldException.class);

    assertThat(runs).hasValue(1);
    assertThat(database.recorded(call)).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"WRITES_DATABASE", "ACTS_OUTSIDE_IDEMPOTENTLY"})
  void whatWasRefusedIsNotRunLate(Effect effect) throws Exception {
    Tool refuses =
        tool(
            effect,
            c -> {
              throw new IllegalStateException("a fault");
            });
    TestInvocation call = TestInvocation.first(Duration.ofMinutes(16));
    assertThatThrownBy(() -> origin.run(refuses, call.attempt(2)))
        .isInstanceOf(IllegalStateException.class);

    assertThatThrownBy(() -> origin.run(counts(effect), call.sentAgain()))
        .isInstanceOf(TooOldException.class);
    assertThat(runs).hasValue(0);
  }

  @Test
  void beforeItRunsWhatWasNotDone() throws Exception {
    TestInvocation call = TestInvocation.first(Duration.ofMinutes(14));

    assertThat(origin.run(counts(Effect.WRITES_DATABASE), call.sentAgain()))
        .isEqualTo(ToolResult.text("run 1"));
  }

  @Test
  void anIdWithoutATimeIsTooOld() throws Exception {
    TestInvocation call =
        TestInvocation.of(new Attempt.Key("ann", UUID.randomUUID().toString(), 0, false));
    Tool tool = counts(Effect.WRITES_DATABASE);

    assertThatThrownBy(() -> origin.run(tool, call.attempt(65)))
        .isInstanceOf(TooOldException.class);
    assertThat(origin.run(tool, call.attempt(64))).isEqualTo(ToolResult.text("run 1"));
  }

  @Test
  void eachSendingHasNumbersOfItsOwnAboveThoseBeforeIt() {
    TestInvocation call = TestInvocation.first(Duration.ofMillis(5));
    TestInvocation again = call.sentAgain();
    TestInvocation old = TestInvocation.first(Duration.ofDays(400));
    TestInvocation aheadOfItsClock = TestInvocation.first(Duration.ofDays(-1));

    assertThat(again.attempt().number()).isGreaterThanOrEqualTo(5 * 64 + 1);
    assertThat(again.attempt(64).attempt().number()).isEqualTo(again.attempt().number() + 63);
    assertThat(old.sentAgain().attempt(64).attempt().number()).isBetween(900_000_000, 999_999_999);
    assertThat(aheadOfItsClock.sentAgain().attempt().number()).isEqualTo(65);
  }

  /** Both are first attempts at a further sending. */
  @Test
  void whatWasRefusedToALaterSendingIsNotDoneByAnEarlierOneThatHung() throws Exception {
    TestInvocation call = TestInvocation.first(Duration.ofMillis(5));
    TestInvocation second = call.sentAgain();
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch woken = new CountDownLatch(1);
    Tool hangs =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              reached.countDown();
              woken.await();
              return ToolResult.text("done");
            });
    Tool refuses =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              throw new ToolException("No such memory.");
            });
    CompletableFuture<ToolResult> hung = origin.start(hangs, second);
    reached.await();
    TestInvocation third = call.sentAgain();
    while (third.attempt().number() <= second.attempt().number()) {
      third = call.sentAgain(); // In another millisecond.
    }

    TestInvocation later = third;
    assertThatThrownBy(() -> origin.run(refuses, later)).isInstanceOf(ToolException.class);
    woken.countDown();

    assertThat(hung.get().isError()).isTrue();
    assertThat(database.effects(call)).isZero();
  }
}
