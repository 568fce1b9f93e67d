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
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class WritesTest {
  private static LedgerDatabase database;
  private static LedgerOrigin origin;

  private static final Tool WRITE =
      tool(
          Effect.WRITES_DATABASE,
          call -> {
            LedgerDatabase.effect(call);
            ObjectNode structured = JsonNodeFactory.instance.objectNode();
            structured.put("said", call.arguments().path("text").asString());
            return ToolResult.of(structured, "done by attempt " + call.attempt().number());
          });

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

    ToolResult first = origin.run(WRITE, call);
    ToolResult second = origin.run(WRITE, call.attempt(2));

    assertThat(second).isEqualTo(first);
    assertThat(second.structured()).isEqualTo(first.structured()).isNotNull();
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theSameKeySentAgainGetsTheResultOfTheFirst(boolean beginsWithStatement) throws Exception {
    Attempt.Key key = TestInvocation.first().key();
    TestInvocation call =
        TestInvocation.of(new Attempt.Key(key.user(), key.id(), key.index(), true));
    Tool tool = beginsWithStatement ? WRITE.withStatementFirst() : WRITE;

    ToolResult first = origin.run(tool, call);

    assertThat(origin.run(tool, call)).isEqualTo(first);
    assertThat(database.effects(call)).isEqualTo(1);
    assertThatThrownBy(() -> origin.run(tool, call.text("other")))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("used for another call");
  }

  @Test
  void positionsOfABatchAreCallsOfTheirOwn() throws Exception {
    TestInvocation call = TestInvocation.first();
    Attempt.Key key = call.key();

    origin.run(WRITE, call);
    origin.run(WRITE, TestInvocation.of(new Attempt.Key(key.user(), key.id(), 1, false)));

    assertThat(database.effects(call)).isEqualTo(2);
  }

  @Test
  void aClientsKeyIsNotTheEdgesId() throws Exception {
    TestInvocation call = TestInvocation.first();
    Attempt.Key key = call.key();

    origin.run(WRITE, call);
    origin.run(WRITE, TestInvocation.of(new Attempt.Key(key.user(), key.id(), 0, true)));

    assertThat(database.effects(call)).isEqualTo(2);
  }

  @Test
  void theSameKeyFromTwoUsersIsTwoCalls() throws Exception {
    TestInvocation ann = TestInvocation.first().text("ann's");
    TestInvocation bob = ann.user("bob").text("bob's");

    origin.run(WRITE, ann);
    ToolResult bobs = origin.run(WRITE, bob);

    assertThat(bobs.structured())
        .isEqualTo(JsonNodeFactory.instance.objectNode().put("said", "bob's"));
    assertThat(database.effects(ann)).isEqualTo(2);
  }

  @Test
  void theSameKeyWithOtherArgumentsIsRefused() throws Exception {
    TestInvocation call = TestInvocation.first();
    origin.run(WRITE, call);

    assertThatThrownBy(() -> origin.run(WRITE, call.text("other").attempt(2)))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("used for another call");
    Tool other = tool("other", Effect.WRITES_DATABASE, WRITE.handler());
    assertThatThrownBy(() -> origin.run(other, call.attempt(2)))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("used for another call");
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void theOrderOfArgumentsDoesNotMatter() throws Exception {
    TestInvocation call = TestInvocation.first();
    JsonNodeFactory json = JsonNodeFactory.instance;
    ToolResult first =
        origin.run(
            WRITE, new TestInvocation(call.attempt(), json.objectNode().put("a", 1).put("b", 2)));

    ToolResult second =
        origin.run(
            WRITE, new TestInvocation(call.attempt(), json.objectNode().put("b", 2).put("a", 1)));

    assertThat(second).isEqualTo(first);
  }

  @Test
  void aRefusalUndoesTheWorkAndIsNotRecorded() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool refuses =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              throw new ToolException("not so");
            });

    assertThatThrownBy(() -> origin.run(refuses, call)).hasMessage("not so");

    assertThat(database.effects(call)).isZero();
    assertThat(database.recorded(call)).isZero();
  }

  @Test
  void anErrorResultKeepsTheWorkAndIsRecorded() throws Exception {
    TestInvocation call = TestInvocation.first();
    Tool fails =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              return ToolResult.error("half done");
            });

    origin.run(fails, call);
    ToolResult again = origin.run(fails, call.attempt(2));

    assertThat(again).isEqualTo(ToolResult.error("half done"));
    assertThat(database.effects(call)).isEqualTo(1);
  }

  @Test
  void aQuestionToTheClientUndoesTheWorkAndIsNotRecorded() {
    TestInvocation call = TestInvocation.first();
    Tool asks =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              throw new InputRequired(Map.of("folders", Question.folders()));
            });

    assertThatThrownBy(() -> origin.run(asks, call)).isInstanceOf(InputRequired.class);

    assertThat(database.effects(call)).isZero();
    assertThat(database.recorded(call)).isZero();
  }

  @Test
  void aResultOfMoreThanOneMebibyteUndoesTheWork() throws Exception {
    TestInvocation fits = TestInvocation.first();
    TestInvocation tooLarge = TestInvocation.first();
    // Three bytes each in UTF-8; the rest of the JSON takes less than 100 bytes.
    int most = (StoredResult.MAX_BYTES - 100) / 3;

    ToolResult first = origin.run(writesResult("字".repeat(most)), fits);
    assertThat(origin.run(writesResult("x"), fits.attempt(2))).isEqualTo(first);
    assertThatThrownBy(() -> origin.run(writesResult("字".repeat(most + 100)), tooLarge))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("1 MiB");

    assertThat(database.effects(fits)).isEqualTo(1);
    assertThat(database.effects(tooLarge)).isZero();
  }

  private static Tool writesResult(String text) {
    return tool(
        Effect.WRITES_DATABASE,
        c -> {
          LedgerDatabase.effect(c);
          return ToolResult.text(text);
        });
  }

  @Test
  void aKeyThatIsTooLongIsRefused() {
    TestInvocation call = TestInvocation.of(new Attempt.Key("ann", "k".repeat(256), 0, true));

    assertThatThrownBy(() -> origin.run(WRITE, call)).isInstanceOf(ToolException.class);
  }

  @Test
  void nothingHappensAfterTheDeadline() {
    TestInvocation late = TestInvocation.first().deadline(Instant.now().minusSeconds(1));
    assertThatThrownBy(() -> origin.run(WRITE, late)).hasMessageContaining("deadline");

    TestInvocation slow = TestInvocation.first().deadline(Instant.now().plusMillis(700));
    Tool sleeps =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              c.database().execute("select pg_sleep(20)");
              return ToolResult.text("too late");
            });
    assertThatThrownBy(() -> origin.run(sleeps, slow)).isInstanceOf(Exception.class);

    for (TestInvocation call : List.of(late, slow)) {
      assertThat(database.effects(call)).isZero();
      assertThat(database.recorded(call)).isZero();
    }
  }

  @Test
  void aDeadlineThatPassesWhileTheToolIsIdleEndsTheCall() {
    TestInvocation call = TestInvocation.first().deadline(Instant.now().plusMillis(300));
    Tool waits =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              database.awaitNoSession(c);
              return ToolResult.text("too late");
            });

    assertThatThrownBy(() -> origin.run(waits, call)).isInstanceOf(Exception.class);

    assertThat(database.effects(call)).isZero();
    assertThat(database.recorded(call)).isZero();
  }

  @Test
  void aToolThatCommitsByItselfFails() {
    TestInvocation call = TestInvocation.first();
    Tool commits =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              c.database().getConnection().commit();
              return ToolResult.text("done");
            });

    assertThatThrownBy(() -> origin.run(commits, call))
        .hasMessageContaining("The tool has ended its transaction");
    assertThat(database.recorded(call)).isZero();
  }

  @Test
  void anyOtherFailureUndoesTheWork() {
    TestInvocation call = TestInvocation.first();
    Tool breaks =
        tool(
            Effect.WRITES_DATABASE,
            c -> {
              LedgerDatabase.effect(c);
              throw new IllegalStateException("broken");
            });

    assertThatThrownBy(() -> origin.run(breaks, call)).hasMessage("broken");

    assertThat(database.effects(call)).isZero();
    assertThat(database.recorded(call)).isZero();
  }
}
