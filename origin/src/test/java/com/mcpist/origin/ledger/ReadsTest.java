package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.memory.MemoryModule;
import com.mcpist.testkit.Conditions;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tools that read, and what the ledger costs. */
final class ReadsTest {
  private static final int CALLS = 5;
  private static LedgerDatabase database;
  private static PostgresProxy wire;
  private static LedgerOrigin origin;

  @BeforeAll
  static void start() throws Exception {
    database = LedgerDatabase.create();
    wire = PostgresProxy.to(database.server().port());
    origin = LedgerOrigin.on(wire.url(database.url()), 1);
  }

  @AfterAll
  static void stop() throws Exception {
    origin.close();
    wire.close();
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
    origin.run(reads(1), TestInvocation.first());
    TestInvocation call = TestInvocation.first();

    origin.run(writes(1), call);

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
  void aReadTakesOneRoundTripForEachQueryAndOneToEnd() throws Exception {
    assertThat(roundTrips(reads(1))).isEqualTo(2);
    assertThat(roundTrips(reads(3))).isEqualTo(4);
    assertThat(roundTrips(tool(Effect.READS, c -> ToolResult.text("none")))).isZero();
  }

  @Test
  void theLastStatementOfAReadTakesItsEndWithIt() throws Exception {
    assertThat(roundTrips(reads(0, true))).isEqualTo(1);
    assertThat(roundTrips(reads(2, true))).isEqualTo(3);
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

  @Test
  void theLedgerTakesOneRoundTripMoreThanTheTransactionWithoutIt() throws Exception {
    // BEGIN with the statement, COMMIT.
    int withoutLedger = 2;

    assertThat(roundTrips(writes(1))).isEqualTo(withoutLedger + 1);
    assertThat(roundTrips(writes(3))).isEqualTo(withoutLedger + 2 + 1);
  }

  @Test
  void theLedgerTakesNoRoundTripMoreForAToolThatBeginsWithAStatement() throws Exception {
    assertThat(roundTrips(writes(1).withStatementFirst())).isEqualTo(2);
    assertThat(roundTrips(writes(3).withStatementFirst())).isEqualTo(4);
  }

  @Test
  void aToolOfOneStatementThatKnowsItsResultTakesOneRoundTrip() throws Exception {
    ToolResult result = ToolResult.text("written");
    Tool writes =
        tool(
                Effect.WRITES_DATABASE,
                c -> {
                  LedgerDatabase.effect(c, result);
                  return result;
                })
            .withStatementFirst();

    assertThat(roundTrips(writes)).isEqualTo(1);
  }

  /** For which pgjdbc asks once it keeps the statement: then one message becomes several. */
  @ParameterizedTest
  @EnumSource(names = {"READS", "WRITES_DATABASE"})
  void aParameterWithoutATypeChangesNothing(Effect effect) throws Exception {
    ToolResult user = ToolResult.text(TestInvocation.first().key().user());
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

    for (int i = 0; i < 4 * CALLS; i++) {
      TestInvocation call = TestInvocation.first();
      assertThat(origin.run(tool, call)).isEqualTo(user);
      assertThat(database.recorded(call)).isEqualTo(effect == Effect.READS ? 0 : 1);
    }
  }

  @Test
  void aSaveTakesOneRoundTripMoreForWhoSavesTheSameAgainAndAgain() throws Exception {
    Tool save =
        new MemoryModule(InstantSource.system())
            .tools().stream()
                .filter(tool -> tool.definition().path("name").asString("").equals("memory_save"))
                .findFirst()
                .orElseThrow();

    assertThat(roundTrips(save, () -> saving(UUID.randomUUID().toString()))).isEqualTo(1);
    origin.run(save, saving("again"));
    assertThat(roundTrips(save, () -> saving("again"))).isEqualTo(2);
    assertThat(roundTrips(save, () -> saving(UUID.randomUUID().toString()))).isEqualTo(1);
  }

  private static TestInvocation saving(String title) {
    ObjectNode arguments = JsonNodeFactory.instance.objectNode();
    arguments.put("title", title).put("text", title);
    return new TestInvocation(TestInvocation.first().attempt(), arguments);
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
    TestInvocation call = TestInvocation.first();

    assertThat(origin.run(batch, call)).isEqualTo(ToolResult.text("2"));
    assertThat(database.effects(call)).isEqualTo(2);
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

  /** The least of several calls: now and then the pool asks whether a connection still lives. */
  private static int roundTrips(Tool tool) throws Exception {
    return roundTrips(tool, TestInvocation::first);
  }

  private static int roundTrips(Tool tool, Supplier<TestInvocation> calls) throws Exception {
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < CALLS; i++) {
      int before = wire.roundTrips();
      origin.run(tool, calls.get());
      least = Math.min(least, wire.roundTrips() - before);
    }
    return least;
  }

  private static Tool reads(int queries) {
    return reads(queries, false);
  }

  /** One more, if it says that it is the last. */
  private static Tool reads(int queries, boolean last) {
    return tool(
        Effect.READS,
        c -> {
          for (int i = 0; i < queries; i++) {
            c.database().createQuery("select 1").mapTo(Integer.class).one();
          }
          if (last) {
            c.database()
                .createQuery("select 1")
                .define(ToolCall.LAST_STATEMENT, true)
                .mapTo(Integer.class)
                .one();
          }
          return ToolResult.text("read");
        });
  }

  private static Tool writes(int statements) {
    return tool(
        Effect.WRITES_DATABASE,
        c -> {
          for (int i = 0; i < statements; i++) {
            LedgerDatabase.effect(c);
          }
          return ToolResult.text("written");
        });
  }
}
