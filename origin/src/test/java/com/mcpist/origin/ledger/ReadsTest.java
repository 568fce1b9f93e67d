package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.testkit.Conditions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tools that read. */
final class ReadsTest {
  private static LedgerDatabase database;
  private static LedgerOrigin origin;

  @BeforeAll
  static void start() throws Exception {
    database = LedgerDatabase.create();
    origin = LedgerOrigin.on(database.url(), 1);
  }

  @AfterAll
  static void stop() throws Exception {
    origin.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aToolThatReadsCannotWrite(boolean last) {
    Tool writes =
        tool(
            Effect.READS,
            c -> {
              c.database()
                  .createQuery("insert into effect values (gen_random_uuid(), '') returning 1")
                  .define(ToolCall.LAST_STATEMENT, last)
                  .mapTo(Integer.class)
                  .one();
              return ToolResult.text("done");
            });

    assertThatThrownBy(() -> origin.run(writes, TestInvocation.first()))
        .hasMessageContaining("read-only transaction");
  }

  @Test
  void theNextUserOfItsConnectionCanWrite() throws Exception {
    Tool reads =
        tool(
            Effect.READS,
            c -> {
              c.database().execute("select 1");
              return ToolResult.text("read");
            });
    Tool writes =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              return ToolResult.text("written");
            });
    origin.run(reads, TestInvocation.first());
    TestInvocation call = TestInvocation.first();

    origin.run(writes, call);

    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void aToolThatDoesNotUseTheDatabaseTakesNoConnection() throws Exception {
    Tool nested =
        tool(
            Effect.WRITES_DATABASE,
            // The pool has one connection, and this call has it.
            c ->
                origin.run(tool(Effect.READS, r -> ToolResult.text("no")), TestInvocation.first()));

    assertThat(origin.run(nested, TestInvocation.first())).isEqualTo(ToolResult.text("no"));
  }

  @Test
  void aReadThatLosesItsConnectionIsRunAgain() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Tool reads =
        tool(
            Effect.READS,
            c -> {
              if (runs.incrementAndGet() == 1) {
                database.killSession(c);
              }
              c.database().execute("select 1");
              return ToolResult.text("read");
            });

    assertThat(origin.run(reads, TestInvocation.first())).isEqualTo(ToolResult.text("read"));
  }

  @Test
  void whatComesAfterTheLastStatementIsItsUsersToo() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool reads =
        tool(
            Effect.READS,
            c -> {
              List<String> users = new ArrayList<>();
              for (boolean last : new boolean[] {true, false, true}) {
                users.add(
                    c.database()
                        .createQuery("select mcpist_user()")
                        .define(ToolCall.LAST_STATEMENT, last)
                        .mapTo(String.class)
                        .one());
              }
              return ToolResult.text(String.join(" ", users));
            });

    String user = call.attempt().key().user();
    assertThat(origin.run(reads, call))
        .isEqualTo(ToolResult.text(String.join(" ", user, user, user)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aReadWaitsForATableThatIsLockedForLongerThanAStatementMay(boolean last) throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Tool reads =
        tool(
            Effect.READS,
            c -> {
              runs.incrementAndGet();
              c.database()
                  .createQuery("select count(*) from request_state_key")
                  .define(ToolCall.LAST_STATEMENT, last)
                  .mapToMap()
                  .list();
              return ToolResult.text("read");
            });
    Ledger.Config hasty = new LedgerConfig().lockWait(Duration.ofMillis(20)).build();
    try (Handle other = database.jdbi().open();
        LedgerOrigin waits = LedgerOrigin.on(database.url(), hasty)) {
      other.begin();
      other.execute("lock table request_state_key in access exclusive mode");
      CompletableFuture<ToolResult> result = waits.start(reads, TestInvocation.first());
      Conditions.await("it was tried more often than a lost connection", () -> runs.get() > 5);
      other.rollback();

      assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo(ToolResult.text("read"));
    }
  }

  @Test
  void theServerEndsAReadWhoseOriginHangs() throws Exception {
    List<String> limits = new ArrayList<>();
    Tool reads =
        tool(
            Effect.READS,
            c -> {
              limits.addAll(
                  c.database()
                      .createQuery(
                          "select current_setting(unnest(array['lock_timeout',"
                              + " 'statement_timeout', 'idle_in_transaction_session_timeout']))")
                      .mapTo(String.class)
                      .list());
              int left =
                  c.database()
                      .createQuery(
                          "select extract(epoch from current_setting('transaction_timeout')"
                              + "::interval)::integer")
                      .mapTo(Integer.class)
                      .one();
              return ToolResult.text("" + (left > 500 && left <= 601));
            });
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusSeconds(600));

    assertThat(origin.run(reads, call)).isEqualTo(ToolResult.text("true"));
    assertThat(limits).containsExactly("5s", "30s", "30s");
    TestInvocation late = TestInvocation.first().deadline(Instant.now().minusSeconds(1));
    assertThatThrownBy(() -> origin.run(reads, late)).isInstanceOf(AttemptFailedException.class);
  }
}
