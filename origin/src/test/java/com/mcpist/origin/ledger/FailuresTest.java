package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a call when its transaction fails at any point. */
final class FailuresTest {
  private static LedgerDatabase database;
  private static LedgerOrigin origin;

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

  enum Moment {
    BEFORE_THE_WORK,
    AFTER_THE_WORK,
    IN_A_STATEMENT,
    AT_COMMIT
  }

  @ParameterizedTest
  @EnumSource
  void aSessionThatEndsIsFollowedByAnother(Moment moment) throws Exception {
    TestInvocation call = TestInvocation.first();
    AtomicInteger runs = new AtomicInteger();
    Tool dies =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              boolean first = runs.incrementAndGet() == 1;
              if (first && moment == Moment.BEFORE_THE_WORK) {
                database.killSession(c);
              }
              LedgerDatabase.effect(c);
              if (first) {
                switch (moment) {
                  case AFTER_THE_WORK -> database.killSession(c);
                  case IN_A_STATEMENT ->
                      c.database().execute("select pg_terminate_backend(pg_backend_pid())");
                  case AT_COMMIT -> endSessionAtCommit(c);
                  case BEFORE_THE_WORK -> {}
                }
              }
              return ToolResult.text("done in run " + runs.get());
            });

    ToolResult result = origin.run(dies, call);

    assertThat(runs).hasValue(2);
    assertThat(result).isEqualTo(ToolResult.text("done in run 2"));
    assertThat(database.effects(call)).isEqualTo(1);
    assertThat(database.recorded(call)).isEqualTo(1);
  }

  /** By a trigger that runs while the transaction commits, before it has. */
  private static void endSessionAtCommit(ToolCall call) {
    call.database()
        .execute(
            """
            create temporary table last_words (word text) on commit drop;
            create function pg_temp.die() returns trigger language plpgsql as
              'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
            create constraint trigger die after insert on last_words
              deferrable initially deferred for each row execute function pg_temp.die();
            insert into last_words values ('farewell')\
            """);
  }

  @Test
  void aCommitWhoseAnswerIsLostIsSettledByTheLedger() throws Exception {
    TestInvocation call = TestInvocation.first();
    AtomicInteger runs = new AtomicInteger();
    Tool writes =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              return ToolResult.text("done in run " + runs.incrementAndGet());
            });
    try (PostgresProxy wire = PostgresProxy.to(database.server().port());
        LedgerOrigin remote = LedgerOrigin.on(wire.url(database.url()))) {
      wire.loseAnswerTo("ledger_finish");

      ToolResult result = remote.run(writes, call);

      assertThat(wire.answersLost()).isEqualTo(1);
      assertThat(result).isEqualTo(ToolResult.text("done in run 1"));
    }
    assertThat(runs).hasValue(1);
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aToolThatTakesTheLossOfItsConnectionForARefusalIsRunAgain(boolean notices) throws Exception {
    TestInvocation call = TestInvocation.first();
    AtomicInteger runs = new AtomicInteger();
    Tool misled =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              if (runs.incrementAndGet() == 1) {
                database.killSession(c);
                if (notices) {
                  assertThatThrownBy(() -> LedgerDatabase.effect(c)).hasMessageContaining("FATAL");
                }
                throw new ToolException("could not save");
              }
              LedgerDatabase.effect(c);
              return ToolResult.text("done");
            });

    assertThat(origin.run(misled, call)).isEqualTo(ToolResult.text("done"));

    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void aStatementThatFailedBeforeItRanIsJudgedByItsCause() throws SQLException {
    try (Handle handle = database.jdbi().open()) {
      handle.getConnection().close();
      assertThatThrownBy(() -> handle.execute("select 1"))
          .satisfies(e -> assertThat(Failure.of(e)).isEqualTo(Failure.PASSES));
    }
  }

  @Test
  void callsThatBlockEachOtherBothEnd() throws Exception {
    database
        .jdbi()
        .useHandle(
            h -> {
              h.execute("create table pair as select n from generate_series(1, 2) n");
              h.execute("grant select, update on pair to mcpist_origin");
            });
    CountDownLatch bothHaveOne = new CountDownLatch(2);
    AtomicInteger runs = new AtomicInteger();
    TestInvocation left = TestInvocation.first();
    TestInvocation right = TestInvocation.first();

    CompletableFuture<ToolResult> one = origin.start(locks(1, 2, bothHaveOne, runs), left);
    CompletableFuture<ToolResult> two = origin.start(locks(2, 1, bothHaveOne, runs), right);
    one.get();
    two.get();

    // Where the other one is slow to go on, the one that was rolled back is in its way again.
    assertThat(runs).hasValueGreaterThanOrEqualTo(3);
    assertThat(database.effects(left)).isEqualTo(1);
    assertThat(database.effects(right)).isEqualTo(1);
  }

  private static Tool locks(int first, int second, CountDownLatch both, AtomicInteger runs) {
    return tool(
        Effect.WRITES_DATABASE,
        c -> {
          runs.incrementAndGet();
          LedgerDatabase.effect(c);
          c.database().execute("update pair set n = n where n = ?", first);
          both.countDown();
          both.await();
          c.database().execute("update pair set n = n where n = ?", second);
          return ToolResult.text("done");
        });
  }

  @Test
  void aSessionThatAlwaysEndsIsTheAttemptsFailure() {
    TestInvocation call = TestInvocation.first();
    AtomicInteger runs = new AtomicInteger();
    Tool dies =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              runs.incrementAndGet();
              database.killSession(c);
              LedgerDatabase.effect(c);
              return ToolResult.text("done");
            });

    assertThatThrownBy(() -> origin.run(dies, call)).isInstanceOf(AttemptFailedException.class);

    assertThat(runs).hasValueBetween(2, 10);
    assertThat(database.recorded(call)).isZero();
  }

  @Test
  void aDatabaseThatIsNotThereIsTheAttemptsFailure() {
    Tool writes = tool(Effect.WRITES_DATABASE, c -> ToolResult.text("done"));
    try (LedgerOrigin alone = LedgerOrigin.unconnected("postgres://nobody@127.0.0.1:1/none")) {
      assertThatThrownBy(() -> alone.run(writes, TestInvocation.first()))
          .isInstanceOf(AttemptFailedException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutAConnectionNothingIsRun(Effect effect) throws Exception {
    CountDownLatch holds = new CountDownLatch(1);
    CountDownLatch woken = new CountDownLatch(1);
    try (LedgerOrigin small = LedgerOrigin.on(database.url(), 1)) {
      Tool holder =
          tool(
              Effect.WRITES_DATABASE,
              c -> {
                holds.countDown();
                woken.await();
                return ToolResult.text("done");
              });
      CompletableFuture<ToolResult> first = small.start(holder, TestInvocation.first());
      holds.await();
      AtomicInteger runs = new AtomicInteger();
      Tool other =
          tool(
              effect,
              c -> {
                if (effect == Effect.READS) {
                  c.database();
                }
                return ToolResult.text("done " + runs.incrementAndGet());
              });
      TestInvocation call = TestInvocation.first().user("bob");

      assertThatThrownBy(() -> small.run(other, call))
          .isInstanceOfSatisfying(AttemptFailedException.class, e -> assertThat(e.busy()).isTrue());

      assertThat(runs).hasValue(0);
      woken.countDown();
      first.get();
      small.run(other, call);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"READS", "WRITES_DATABASE"})
  void whatSomebodyCancelsIsRunAgain(Effect effect) throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Tool canceled =
        tool(
            effect,
            c -> {
              if (runs.incrementAndGet() <= 6) {
                c.database().execute("select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)");
              }
              return ToolResult.text("done");
            });

    assertThat(origin.run(canceled, TestInvocation.first())).isEqualTo(ToolResult.text("done"));
    assertThat(runs).hasValue(7);
  }

  @Test
  void aDatabaseThatOnlyReadsIsTheAttemptsFailure() throws Exception {
    Tool writes =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              c.database().execute("set transaction read only");
              LedgerDatabase.effect(c);
              return ToolResult.text("done");
            });

    assertThatThrownBy(() -> origin.run(writes, TestInvocation.first()))
        .isInstanceOf(AttemptFailedException.class);
  }

  /** Each class of PostgreSQL's manual, Appendix A, and what is an exception in it. */
  @ParameterizedTest
  @CsvSource({
    "01000, TOOL",
    "02000, TOOL",
    "03000, TOOL",
    "08000, PASSES",
    "08006, PASSES",
    "08P01, PASSES",
    "09000, TOOL",
    "0A000, TOOL",
    "0B000, TOOL",
    "0F000, TOOL",
    "0L000, TOOL",
    "0P000, TOOL",
    "0Z000, TOOL",
    "20000, TOOL",
    "21000, TOOL",
    "22001, TOOL",
    "22021, TOOL",
    "23505, TOOL",
    "24000, TOOL",
    "25001, TOOL",
    "25006, ATTEMPT",
    "25P01, TOOL",
    "25P02, TOOL",
    "25P03, PASSES",
    "25P04, ATTEMPT",
    "26000, PASSES",
    "27000, TOOL",
    "28000, ATTEMPT",
    "28P01, ATTEMPT",
    "2B000, TOOL",
    "2D000, TOOL",
    "2F000, TOOL",
    "34000, TOOL",
    "38000, TOOL",
    "39000, TOOL",
    "3B000, TOOL",
    "3D000, TOOL",
    "3F000, TOOL",
    "40001, PASSES",
    "40003, PASSES",
    "40P01, WAITS",
    "42501, TOOL",
    "42P01, TOOL",
    "44000, TOOL",
    "53100, ATTEMPT",
    "53200, ATTEMPT",
    "53300, ATTEMPT",
    "54000, TOOL",
    "55000, TOOL",
    "55006, TOOL",
    "55P03, WAITS",
    "57014, WAITS",
    "57P01, PASSES",
    "57P02, PASSES",
    "57P03, PASSES",
    "57P05, PASSES",
    "58000, ATTEMPT",
    "58030, ATTEMPT",
    "58M03, ATTEMPT",
    "F0000, TOOL",
    "HV000, TOOL",
    "P0001, TOOL",
    "XX000, TOOL",
    "XX001, TOOL",
    "MC001, ATTEMPT",
    "MC002, TOOL",
    "MC003, TOOL",
    "'', TOOL"
  })
  void eachStateIsSomebodys(String state, Failure failure) {
    assertThat(Failure.of(new IllegalStateException(new SQLException("it failed", state))))
        .isEqualTo(failure);
  }

  @Test
  void aStatementThatTookAllItsTimeIsTheTools() {
    try (Handle handle = database.jdbi().open()) {
      StatementContext statement = handle.createQuery("select 1").getContext();
      Instant began = Instant.now();
      statement.setExecutionMoment(began);
      SQLException canceled = new SQLException("canceling statement", "57014");

      statement.setExceptionMoment(began.plus(Failure.STATEMENT_TIME));
      assertThat(Failure.of(new UnableToExecuteStatementException(canceled, statement)))
          .isEqualTo(Failure.TOOL);
      statement.setExceptionMoment(began.plusSeconds(29));
      assertThat(Failure.of(new UnableToExecuteStatementException(canceled, statement)))
          .isEqualTo(Failure.WAITS);
    }
  }

  @Test
  void aMistakeOfTheToolIsToldAsOne() {
    Tool mistaken =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              c.database().execute("select * from nowhere");
              return ToolResult.text("done");
            });

    assertThatThrownBy(() -> origin.run(mistaken, TestInvocation.first()))
        .isNotInstanceOf(AttemptFailedException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void aDeadlineThatHasPassedIsTheAttemptsFailure() {
    Tool writes = tool(Effect.WRITES_DATABASE, c -> ToolResult.text("done"));
    TestInvocation late = TestInvocation.first().deadline(Instant.now().minusSeconds(1));

    assertThatThrownBy(() -> origin.run(writes, late)).isInstanceOf(AttemptFailedException.class);
  }

  @Test
  void lostConnectionsEndTheCallsThatUseThem() throws Exception {
    CountDownLatch at = new CountDownLatch(1);
    Tool hangs =
        tool(
            Effect.READS,
            c -> {
              if (at.getCount() == 0) {
                return ToolResult.text("again");
              }
              at.countDown();
              c.database().execute("select pg_sleep(60)");
              return ToolResult.text("slept");
            });
    CompletableFuture<ToolResult> result = origin.start(hangs, TestInvocation.first());
    at.await();
    database.awaitStatement("select pg_sleep(60)");

    origin.dropConnections();

    assertThat(result.get()).isEqualTo(ToolResult.text("again"));
  }
}
