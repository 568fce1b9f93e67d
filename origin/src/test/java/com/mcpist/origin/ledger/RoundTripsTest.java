package com.mcpist.origin.ledger;

import static com.mcpist.origin.ledger.LedgerOrigin.tool;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.memory.MemoryModule;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** How many round trips to PostgreSQL a call takes. */
final class RoundTripsTest {
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
