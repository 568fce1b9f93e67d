package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the calls of tools that act outside. A counter stands for the outside world. */
final class OutsideTest {
  private static LedgerDatabase database;
  private static LedgerOrigin origin;
  private final AtomicInteger outside = new AtomicInteger();
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch woken = new CountDownLatch(1);

  private final Tool acts =
      tool(Effect.ACTS_OUTSIDE, c -> ToolResult.text("acted " + outside.incrementAndGet()));
  private final Tool actsAndHangs = tool(Effect.ACTS_OUTSIDE, c -> actAndHang());

  private ToolResult actAndHang() throws InterruptedException {
    int count = outside.incrementAndGet();
    reached.countDown();
    woken.await();
    return ToolResult.text("acted " + count);
  }

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

  @Test
  void aLaterAttemptReturnsTheResultOfTheFirst() throws Exception {
    TestInvocation call = TestInvocation.first();

    ToolResult first = origin.run(acts, call);
    ToolResult second = origin.run(acts, call.attempt(2));

    assertThat(second).isEqualTo(first).isEqualTo(ToolResult.text("acted 1"));
    assertThat(outside).hasValue(1);
  }

  @Test
  void theClaimOfAnOriginThatDiedIsNotRunAgain() throws Exception {
    TestInvocation call = TestInvocation.first();
    try (LedgerOrigin dies = LedgerOrigin.on(database.url())) {
      var _ = dies.start(actsAndHangs, call);
      reached.await();
      dies.crash();

      ToolResult second = origin.run(actsAndHangs, call.attempt(2));
      ToolResult third = origin.run(actsAndHangs, call.attempt(3));

      assertThat(second.isError()).isTrue();
      assertThat(second.content().toString())
          .contains("outcome", "unknown", "Nothing was run again");
      assertThat(third).isEqualTo(second);
    }
    assertThat(outside).hasValue(1);
  }

  @Test
  void aLaterAttemptWaitsForAnEarlierOneThatLives() throws Exception {
    TestInvocation call = TestInvocation.first();
    Ledger.Config patient = new LedgerConfig().lease(Duration.ofSeconds(12)).build();
    try (LedgerOrigin other = LedgerOrigin.on(database.url(), patient)) {
      CompletableFuture<ToolResult> first = other.start(actsAndHangs, call);
      reached.await();
      CompletableFuture<ToolResult> second = origin.start(acts, call.attempt(2));
      database.awaitLeaseRenewed(call);
      assertThat(second).isNotDone();

      woken.countDown();

      assertThat(second.get()).isEqualTo(first.get()).isEqualTo(ToolResult.text("acted 1"));
    }
    assertThat(outside).hasValue(1);
  }

  /** The first attempt's process stands still for longer than its lease, and goes on later. */
  @Test
  void whatIsIdempotentOutsideIsRunAgainWhenTheLeaseHasRunOut() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool hangs = tool(Effect.ACTS_OUTSIDE_IDEMPOTENTLY, c -> actAndHang());
    Tool again =
        tool(
            Effect.ACTS_OUTSIDE_IDEMPOTENTLY,
            c -> ToolResult.text("acted " + outside.incrementAndGet()));
    Ledger.Config patient = new LedgerConfig().lease(Duration.ofHours(1)).build();
    try (LedgerOrigin other = LedgerOrigin.on(database.url(), patient)) {
      CompletableFuture<ToolResult> first = other.start(hangs, call);
      reached.await();
      database.endLease(call);

      ToolResult second = origin.run(again, call.attempt(2));
      woken.countDown();

      assertThat(second).isEqualTo(ToolResult.text("acted 2"));
      // What was told once stays so, whoever ends later.
      assertThat(first.get()).isEqualTo(second);
      assertThat(origin.run(again, call.attempt(3))).isEqualTo(second);
    }
    assertThat(outside).hasValue(2);
  }

  @Test
  void theCallsIdIsTheOutsidesIdempotencyKey() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool tellsKey =
        tool(Effect.ACTS_OUTSIDE_IDEMPOTENTLY, c -> ToolResult.text(c.attempt().key().id()));

    assertThat(origin.run(tellsKey, call.attempt(2))).isEqualTo(ToolResult.text(call.key().id()));
  }

  @Test
  void aRefusalIsRecorded() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool refuses =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              throw new ToolException("refused " + outside.incrementAndGet());
            });

    assertThat(origin.run(refuses, call)).isEqualTo(ToolResult.error("refused 1"));
    assertThat(origin.run(refuses, call.attempt(2))).isEqualTo(ToolResult.error("refused 1"));
  }

  @Test
  void whatMayRunAgainIsNotRecorded() throws Exception {
    for (Effect effect : List.of(Effect.ACTS_OUTSIDE, Effect.ACTS_OUTSIDE_IDEMPOTENTLY)) {
      TestInvocation call = TestInvocation.first();
      outside.set(0);
      Tool doesNothing =
          tool(
              effect,
              c -> {
                throw ToolException.again("Nothing was run");
              });

      assertThatThrownBy(() -> origin.run(doesNothing, call)).hasMessage("Nothing was run");

      assertThat(database.recorded(call)).isZero();
      assertThat(origin.run(acts, call)).isEqualTo(ToolResult.text("acted 1"));
    }
  }

  /** The first attempt answers after the client was told that nothing was run. */
  @Test
  void aLateResultIsNotThatOfACorrectedCallUnderTheSameKey() throws Exception {
    TestInvocation call =
        TestInvocation.of(new Attempt.Key("ann", UUID.randomUUID().toString(), 0, true));
    Tool hangs = tool(Effect.ACTS_OUTSIDE_IDEMPOTENTLY, c -> actAndHang());
    Tool refuses =
        tool(
            Effect.ACTS_OUTSIDE_IDEMPOTENTLY,
            c -> {
              throw ToolException.again("Nothing was run");
            });
    Ledger.Config patient = new LedgerConfig().lease(Duration.ofHours(1)).build();
    try (LedgerOrigin other = LedgerOrigin.on(database.url(), patient)) {
      CompletableFuture<ToolResult> first = other.start(hangs, call);
      reached.await();
      database.endLease(call);
      assertThatThrownBy(() -> origin.run(refuses, call.attempt(2))).hasMessage("Nothing was run");

      Tool corrected =
          tool(
              Effect.ACTS_OUTSIDE_IDEMPOTENTLY,
              c -> {
                woken.countDown();
                assertThat(first.get()).isEqualTo(ToolResult.text("acted 1"));
                return ToolResult.text("corrected");
              });
      TestInvocation correctedCall = call.text("corrected");
      assertThat(origin.run(corrected, correctedCall)).isEqualTo(ToolResult.text("corrected"));
      assertThat(origin.run(corrected, correctedCall.attempt(2)))
          .isEqualTo(ToolResult.text("corrected"));
    }
  }

  @Test
  void anotherServersErrorAndQuestionsAreResults() throws Exception {
    Map<String, Question> questions = Map.of("folders", Question.folders());
    for (ToolResult given :
        List.of(
            ToolResult.failed(-5, "failed", null), ToolResult.asks(new InputRequired(questions)))) {
      TestInvocation call = TestInvocation.first();

      assertThat(origin.run(tool(Effect.ACTS_OUTSIDE, c -> given), call)).isEqualTo(given);
      assertThat(origin.run(acts, call.attempt(2))).isEqualTo(given);
    }
    assertThat(outside).hasValue(0);
  }

  @Test
  void aFailureInTheMiddleIsAnUnknownOutcome() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool breaks =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              outside.incrementAndGet();
              throw new IllegalStateException("connection reset");
            });

    ToolResult first = origin.run(breaks, call);
    ToolResult second = origin.run(breaks, call.attempt(2));

    assertThat(first.isError()).isTrue();
    assertThat(first.content().toString()).contains("unknown").doesNotContain("reset");
    assertThat(second).isEqualTo(first);
    assertThat(outside).hasValue(1);
  }

  @Test
  void aQuestionToTheClientGivesTheClaimUp() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool asks =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              throw new InputRequired(Map.of("folders", Question.folders()));
            });

    assertThatThrownBy(() -> origin.run(asks, call)).isInstanceOf(InputRequired.class);

    assertThat(database.recorded(call)).isZero();
    assertThat(origin.run(acts, call)).isEqualTo(ToolResult.text("acted 1"));
  }

  /** Its client has been told, or asked. */
  @Test
  void whatALaterAttemptDidNotDoNoEarlierOneDoes() throws Exception {
    List<Exception> reasons =
        List.of(
            new IllegalStateException("a fault"),
            new InputRequired(Map.of("folders", Question.folders())));
    for (Exception why : reasons) {
      TestInvocation call = TestInvocation.first();
      outside.set(0);
      Tool refuses =
          tool(
              Effect.ACTS_OUTSIDE_IDEMPOTENTLY,
              c -> {
                throw why;
              });

      assertThatThrownBy(() -> origin.run(refuses, call.attempt(2))).isSameAs(why);

      assertThat(origin.run(acts, call).isError()).isTrue();
      assertThat(outside).hasValue(0);
      assertThat(origin.run(acts, call.attempt(3))).isEqualTo(ToolResult.text("acted 1"));
      assertThat(origin.run(acts, call)).isEqualTo(ToolResult.text("acted 1"));
    }
  }

  @Test
  void aResultThatIsTooLargeSaysThatItWasDone() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool large =
        tool(Effect.ACTS_OUTSIDE, c -> ToolResult.text("x".repeat(StoredResult.MAX_BYTES)));

    ToolResult first = origin.run(large, call);

    assertThat(first.isError()).isTrue();
    assertThat(first.content().toString()).contains("It was done", "1 MiB");
    assertThat(origin.run(large, call.attempt(2))).isEqualTo(first);
  }

  @Test
  void theSameKeyWithOtherArgumentsIsRefused() throws Exception {
    TestInvocation call = TestInvocation.first();
    origin.run(acts, call);

    assertThatThrownBy(() -> origin.run(acts, call.text("other").attempt(2)))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("used for another call");
    assertThat(outside).hasValue(1);
  }

  @Test
  void nothingIsDoneAfterTheDeadline() {
    TestInvocation late = TestInvocation.first().deadline(Instant.now().minusSeconds(1));

    assertThatThrownBy(() -> origin.run(acts, late)).isInstanceOf(AttemptFailedException.class);

    assertThat(outside).hasValue(0);
    assertThat(database.recorded(late)).isZero();
  }

  @Test
  void thereIsNoTransactionToActIn() throws Exception {
    Tool asksForOne =
        tool(
            Effect.ACTS_OUTSIDE,
            c -> {
              assertThatThrownBy(c::database).isInstanceOf(IllegalStateException.class);
              return ToolResult.text("none");
            });

    assertThat(origin.run(asksForOne, TestInvocation.first())).isEqualTo(ToolResult.text("none"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ledger_claim", "ledger_settle"})
  void aLostAnswerIsAskedForAgain(String statement) throws Exception {
    TestInvocation call = TestInvocation.first();
    try (PostgresProxy wire = PostgresProxy.to(database.server().port());
        LedgerOrigin remote = LedgerOrigin.on(wire.url(database.url()))) {
      wire.loseAnswerTo(statement);

      assertThat(remote.run(acts, call)).isEqualTo(ToolResult.text("acted 1"));

      assertThat(wire.answersLost()).isEqualTo(1);
    }
    assertThat(origin.run(acts, call.attempt(2))).isEqualTo(ToolResult.text("acted 1"));
  }
}
