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
import com.mcpist.origin.ledger.Ledger.LedgerCall;
import com.mcpist.testkit.Conditions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two attempts at once, at two origins. */
final class FenceTest {
  private LedgerDatabase database;
  private LedgerOrigin primary;
  private LedgerOrigin standby;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch woken = new CountDownLatch(1);

  /** Hangs in the middle of the work, as often as it is run, until it is woken. */
  private final Tool hangs = hanging(reached, woken);

  private final Tool works =
      tool(
          Effect.WRITES_DATABASE,
          c -> {
            LedgerDatabase.effect(c);
            return ToolResult.text("done by attempt " + c.attempt().number());
          });

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
    primary = LedgerOrigin.on(database.url());
    standby = LedgerOrigin.on(database.url());
  }

  @AfterEach
  void stop() throws SQLException {
    woken.countDown();
    primary.close();
    standby.close();
    database.close();
  }

  @Test
  void aLaterAttemptFencesOffOneThatHangs() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> first = primary.start(hangs, call);
    reached.await();

    ToolResult second = standby.run(works, call.attempt(2));

    assertThat(second).isEqualTo(ToolResult.text("done by attempt 2"));
    assertThat(first).isNotDone();
    woken.countDown();
    // It finds its session ended, asks the ledger, and learns what the second attempt did.
    assertThat(first.get()).isEqualTo(second);
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void anEarlierAttemptThatComesLateWaitsForALaterOne() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> second = standby.start(hangs, call.attempt(2));
    reached.await();

    CompletableFuture<ToolResult> first = primary.start(works, call);
    woken.countDown();

    assertThat(second.get()).isEqualTo(ToolResult.text("done by the one that hung"));
    assertThat(first.get()).isEqualTo(second.get());
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void anEarlierAttemptWaitsNoLongerThanItsDeadline() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> second = standby.start(hangs, call.attempt(2));
    reached.await();

    assertThatThrownBy(() -> primary.run(works, call.deadline(Instant.now().plusMillis(200))))
        .isInstanceOf(AttemptFailedException.class);

    woken.countDown();
    second.get();
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void aClientThatSendsItsKeyTwiceAtOnceGetsOneEffect() throws Exception {
    TestInvocation call =
        TestInvocation.of(new Attempt.Key("ann", UUID.randomUUID().toString(), 0, true));
    CompletableFuture<ToolResult> one = primary.start(hangs, call);
    reached.await();

    CompletableFuture<ToolResult> other = standby.start(works, call);
    woken.countDown();

    assertThat(other.get()).isEqualTo(one.get());
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void waitingForAnotherAttemptHoldsNoConnection() throws Exception {
    TestInvocation call = TestInvocation.first();
    CompletableFuture<ToolResult> second = primary.start(hangs, call.attempt(2));
    reached.await();
    try (LedgerOrigin small = LedgerOrigin.on(database.url(), 1)) {
      CompletableFuture<ToolResult> waits = small.start(works, call);
      CompletableFuture<ToolResult> alsoWaits = small.start(works, call);

      small.run(works, TestInvocation.first());

      assertThat(waits).isNotDone();
      woken.countDown();
      assertThat(waits.get()).isEqualTo(second.get());
      assertThat(alsoWaits.get()).isEqualTo(second.get());
    }
  }

  @Test
  void aFencedAttemptThatGoesOnWorkingChangesNothing() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool goesOn =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              reached.countDown();
              woken.await();
              LedgerDatabase.effect(c);
              return ToolResult.text("done twice over");
            });
    CompletableFuture<ToolResult> first =
        primary.start(goesOn, call.deadline(Instant.now().plusSeconds(60)));
    reached.await();

    ToolResult second = standby.run(works, call.attempt(2));
    woken.countDown();

    assertThat(first.get()).isEqualTo(second);
    assertThat(database.effects(call)).isEqualTo(1);
  }

  /** All that its origin has left to send is the result and COMMIT. */
  @Test
  void theCommitOfAnAttemptThatHangsHasNoEffect() throws Exception {
    TestInvocation call = TestInvocation.first();
    LedgerCall ledgerCall = LedgerCall.of(works, call);
    Ledger ledger = new Ledger(new LedgerConfig().build(), (_, _, _) -> {});
    try (Handle handle = database.jdbi().open()) {
      Connection connection = handle.getConnection();
      connection.setAutoCommit(false);
      ledger.enter(connection, ledgerCall, 1);
      handle.execute("insert into effect values (?, 'by attempt 1')", call.key().id());

      ToolResult second = standby.run(works, call.attempt(2));

      assertThatThrownBy(() -> ledger.finish(connection, ledgerCall, 1, second.json().toString()))
          .hasMessageContaining("terminating");
    }
    assertThat(database.effects(call)).isOne();
    assertThat(database.recorded(call)).isOne();
    assertThat(primary.run(works, call.attempt(3))).isEqualTo(ToolResult.text("done by attempt 2"));
  }

  /** Its client has been told that nothing was done. */
  @Test
  void anAttemptThatHungDoesNotDoWhatALaterOneRefused() throws Exception {
    for (Exception why :
        List.of(
            new ToolException("No such memory."),
            new IllegalStateException("a fault"),
            new InputRequired(Map.of("folders", Question.folders())))) {
      TestInvocation call = TestInvocation.first();
      CountDownLatch inside = new CountDownLatch(1);
      CountDownLatch awake = new CountDownLatch(1);
      CompletableFuture<ToolResult> first = primary.start(hanging(inside, awake), call);
      inside.await();

      assertThatThrownBy(() -> standby.run(refusing(why), call.attempt(2))).isSameAs(why);
      awake.countDown();

      assertThat(first.get().isError()).isTrue();
      assertThat(primary.run(works, call)).as("late").isEqualTo(first.get());
      assertThat(database.effects(call)).isZero();
      assertThat(database.recorded(call)).isOne();

      // Where the refusal has not reached the edge, it makes another attempt.
      assertThat(primary.run(works, call.attempt(3)))
          .isEqualTo(ToolResult.text("done by attempt 3"));
      assertThat(primary.run(works, call.attempt(2)))
          .as("late")
          .isEqualTo(ToolResult.text("done by attempt 3"));
      assertThat(database.effects(call)).isOne();
      assertThat(database.recorded(call)).isOne();
    }
  }

  @Test
  void aClientsKeyMayBeUsedAgainForTheMendedCall() throws Exception {
    TestInvocation call =
        TestInvocation.of(new Attempt.Key("ann", UUID.randomUUID().toString(), 0, true));
    ToolException why = new ToolException("The text is too long.");
    assertThatThrownBy(() -> standby.run(refusing(why), call.attempt(2))).isSameAs(why);

    assertThat(primary.run(works, call.text("short")))
        .isEqualTo(ToolResult.text("done by attempt 1"));
  }

  /** What a tool says of a lost connection is not its refusal. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLaterAttemptThatLosesItsConnectionRefusesNothing(boolean notices) throws Exception {
    TestInvocation call = TestInvocation.first().attempt(2);
    AtomicInteger runs = new AtomicInteger();
    Tool loses =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              if (runs.incrementAndGet() == 1) {
                database.killSession(c);
                if (notices) {
                  assertThatThrownBy(() -> LedgerDatabase.effect(c)).hasMessageContaining("FATAL");
                }
                throw new ToolException("It could not be saved.");
              }
              return ToolResult.text("saved");
            });

    assertThat(standby.run(loses, call)).isEqualTo(ToolResult.text("saved"));
    assertThat(database.effects(call)).isOne();
  }

  private static Tool refusing(Exception why) {
    return tool(
        Effect.WRITES_DATABASE,
        c -> {
          LedgerDatabase.effect(c);
          throw why;
        });
  }

  private static Tool hanging(CountDownLatch inside, CountDownLatch awake) {
    return tool(
        Effect.WRITES_DATABASE,
        c -> {
          LedgerDatabase.effect(c);
          inside.countDown();
          awake.await();
          return ToolResult.text("done by the one that hung");
        });
  }

  @Test
  void aFenceThatCannotBeHadIsTheAttemptsFailure() throws Exception {
    CompletableFuture<ToolResult> first;
    TestInvocation call;
    do { // On a slow machine the deadline may pass before the work is reached.
      call = TestInvocation.first().deadline(Instant.now().plusSeconds(1));
      first = primary.start(hangs, call);
    } while (!reachedBeforeTheEndOf(first));
    TestInvocation same = call;

    assertThatThrownBy(() -> standby.run(works, same)).isInstanceOf(AttemptFailedException.class);

    woken.countDown();
    assertThatThrownBy(first::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(AttemptFailedException.class);
    assertThat(database.effects(call)).isZero();
  }

  private boolean reachedBeforeTheEndOf(CompletableFuture<ToolResult> attempt) {
    Conditions.await(
        "it is reached, or too late", () -> reached.getCount() == 0 || attempt.isDone());
    return reached.getCount() == 0;
  }
}
