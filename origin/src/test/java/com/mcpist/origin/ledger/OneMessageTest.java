package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import java.sql.SQLException;
import java.sql.Types;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call whose first statement travels with the ledger's, and may take its result with it. */
final class OneMessageTest {
  private static final ToolResult EXPECTED = ToolResult.text("as expected");

  private final AtomicInteger runs = new AtomicInteger();
  private final TestInvocation call = TestInvocation.first();
  private LedgerDatabase database;
  private LedgerOrigin origin;

  @BeforeEach
  void start() throws SQLException {
    database = LedgerDatabase.create();
    origin = LedgerOrigin.on(database.url(), 1);
  }

  @AfterEach
  void stop() throws SQLException {
    origin.close();
    database.close();
  }

  private Tool writes(Tool.Handler handler) {
    return tool(
            Effect.WRITES_DATABASE,
            c -> {
              runs.incrementAndGet();
              return handler.run(c);
            })
        .withStatementFirst();
  }

  /** The result is what every attempt gets, of one effect. */
  private void assertDone(Tool tool, ToolResult result) throws Exception {
    assertThat(origin.run(tool, call)).isEqualTo(result);
    int ran = runs.get();
    assertThat(origin.run(tool, call)).isEqualTo(result);
    assertThat(origin.run(tool, call.attempt(2))).isEqualTo(result);
    assertThat(database.effects(call)).isEqualTo(1);
    assertThat(database.recorded(call)).isEqualTo(1);
    // Of the same attempt again the statement is sent, and not run.
    assertThat(runs.get() - ran).isEqualTo(1);
  }

  @Test
  void itsResultIsKept() throws Exception {
    Tool tool =
        writes(
            c -> {
              LedgerDatabase.effect(c, EXPECTED);
              return EXPECTED;
            });

    assertDone(tool, EXPECTED);
  }

  @Test
  void aStatementThatFindsAnotherResultIsUndoneAndRunAgain() throws Exception {
    ToolResult other = ToolResult.text("another");
    Tool tool =
        writes(
            c -> {
              c.database()
                  .createQuery(
                      "with effect as (insert into effect values (?, '') returning 1)"
                          + " select ledger_other_result()::text from effect")
                  .bind(0, c.attempt().key().id())
                  .define(ToolCall.LAST_STATEMENT, EXPECTED)
                  .mapTo(String.class)
                  .one();
              return other;
            });

    assertDone(tool, other);
  }

  @Test
  void whatTheToolThrowsAfterItComesTooLate() throws Exception {
    Tool tool =
        writes(
            c -> {
              LedgerDatabase.effect(c, EXPECTED);
              throw new ToolException("too late");
            });

    assertDone(tool, EXPECTED);
  }

  @Test
  void noStatementAfterItIsRun() throws Exception {
    Tool tool =
        writes(
            c -> {
              LedgerDatabase.effect(c, EXPECTED);
              LedgerDatabase.effect(c);
              return EXPECTED;
            });

    assertDone(tool, EXPECTED);
  }

  @Test
  void aStatementAfterItThatFailsLeavesNoTransactionOpen() throws Exception {
    Tool tool =
        writes(
            c -> {
              LedgerDatabase.effect(c, EXPECTED);
              assertThatThrownBy(() -> LedgerDatabase.effect(c)).isInstanceOf(JdbiException.class);
              return EXPECTED;
            });

    assertThat(origin.run(tool, call)).isEqualTo(EXPECTED);
    assertThat(
            database.number(
                "select count(*) from pg_stat_activity"
                    + " where datname = current_database() and state like '%in transaction%'"))
        .isZero();
  }

  @Test
  void itMayFailAndBeLeft() throws Exception {
    AtomicBoolean refuses = new AtomicBoolean(true);
    Tool tool =
        writes(
            c -> {
              LedgerDatabase.effect(c);
              c.database().savepoint("before");
              assertThatThrownBy(() -> fail(c)).hasMessageContaining("division by zero");
              c.database().rollbackToSavepoint("before");
              c.database().execute("select 1");
              if (refuses.get()) {
                throw new ToolException("refused");
              }
              return EXPECTED;
            });

    assertThatThrownBy(() -> origin.run(tool, call)).hasMessage("refused");
    assertThat(database.effects(call)).isZero();
    refuses.set(false);
    TestInvocation other = TestInvocation.first();
    assertThat(origin.run(tool, other)).isEqualTo(EXPECTED);
    assertThat(origin.run(tool, other.attempt(2))).isEqualTo(EXPECTED);
    assertThat(database.effects(other)).isEqualTo(1);
  }

  @Test
  void aSavepointMayComeFirst() throws Exception {
    Tool tool =
        writes(
            c -> {
              c.database().savepoint("first");
              LedgerDatabase.effect(c);
              c.database().releaseSavepoint("first");
              return EXPECTED;
            });

    assertDone(tool, EXPECTED);
  }

  private static void fail(ToolCall call) {
    call.database()
        .createQuery("select 1 / 0")
        .define(ToolCall.LAST_STATEMENT, EXPECTED)
        .mapTo(String.class)
        .one();
  }

  @Test
  void aResultThatIsTooLargeUndoesIt() {
    ToolResult large = ToolResult.text("x".repeat(StoredResult.MAX_BYTES));
    Tool tool =
        writes(
            c -> {
              LedgerDatabase.effect(c, large);
              return large;
            });

    assertThatThrownBy(() -> origin.run(tool, call)).hasMessageContaining("larger than 1 MiB");
    assertThat(database.effects(call)).isZero();
    assertThat(database.recorded(call)).isZero();
  }

  @Test
  void aPlanThatAllowsNoMoreUndoesIt() {
    database.jdbi().useHandle(h -> h.execute("update plan set storage_mib = 1"));
    ToolResult result = ToolResult.text("x".repeat(StoredResult.MAX_BYTES - 100));
    Tool tool =
        writes(
            c -> {
              LedgerDatabase.effect(c, result);
              return result;
            });

    assertThatThrownBy(() -> origin.run(tool, call.text("a")))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("you may store 1.0 MiB");
    assertThat(database.effects(call)).isZero();
    assertThat(database.recorded(call)).isZero();
  }

  /** For which pgjdbc asks once it keeps the statement: then one message becomes several. */
  @ParameterizedTest
  @EnumSource(names = {"READS", "WRITES_DATABASE"})
  void aParameterWithoutATypeChangesNothing(Effect effect) throws Exception {
    ToolResult user = ToolResult.text(call.key().user());
    Tool asks =
        tool(
            effect,
            c ->
                ToolResult.text(
                    c.database()
                        .createQuery("select mcpist_user() where ?::text is null")
                        .bindNull(0, Types.OTHER)
                        .define(ToolCall.LAST_STATEMENT, effect == Effect.READS ? true : user)
                        .mapTo(String.class)
                        .one()));
    Tool tool = effect == Effect.READS ? asks : asks.withStatementFirst();

    for (int i = 0; i < 20; i++) {
      TestInvocation another = TestInvocation.first();
      assertThat(origin.run(tool, another)).isEqualTo(user);
      assertThat(database.recorded(another)).isEqualTo(effect == Effect.READS ? 0 : 1);
    }
  }

  @Test
  void aBatchMayBeTheFirstStatement() throws Exception {
    Tool batch =
        tool(
                Effect.WRITES_DATABASE,
                c -> {
                  PreparedBatch effects =
                      c.database().prepareBatch("insert into effect values (?, ?)");
                  effects.add(c.attempt().key().id(), "one");
                  effects.add(c.attempt().key().id(), "two");
                  return ToolResult.text("" + effects.execute().length);
                })
            .withStatementFirst();

    assertThat(origin.run(batch, call)).isEqualTo(ToolResult.text("2"));
    assertThat(database.effects(call)).isEqualTo(2);
  }
}
