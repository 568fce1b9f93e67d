package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Invocation;
import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class DialogueTest {
  private static final RequestState.StateKey KEY =
      new RequestState.StateKey(
          () ->
              Optional.of(new SecretKeySpec("key".getBytes(StandardCharsets.UTF_8), "HmacSHA256")));

  /** A ledger that fails so often before it has the client's answer. */
  private record Ledger(Deque<Exception> failures) implements ToolRunner {
    @Override
    public ToolResult run(Tool tool, Invocation invocation) throws Exception {
      if (!failures.isEmpty()) {
        throw failures.pop();
      }
      ObjectNode answer = Json.object();
      answer.putObject("result").put("action", "accept");
      return new ToolResult(answer);
    }

    @Override
    public void undelivered(String tool, Invocation invocation) {
      throw new UnsupportedOperationException();
    }
  }

  private static ObjectNode ask(Exception... failures) throws Exception {
    var client = new Negotiation.Client(ProtocolVersion.V2025_03_26, Set.of(), null);
    var request =
        new Message.Request(JsonNodeFactory.instance.numberNode(1), "tools/call", Json.object());
    var attempt = new Attempt(new Attempt.Key("ann", "call", 0, false), 1, null);
    Call call =
        new Call(client, request, attempt, new RecordedExchange(_ -> null), Clock.systemUTC());
    ObjectNode params = Json.object().put("message", "Really?");
    Question question = new Question(Question.Kind.ELICITATION, params);
    return new Dialogue(new Ledger(new ArrayDeque<>(List.of(failures))), KEY)
        .ask(call, new InputRequired(Map.of("question", question)));
  }

  @Test
  void aDatabaseThatIsAwayForAMomentDoesNotEndAQuestion() throws Exception {
    var away = new ToolRunner.AttemptFailedException("The database is away");
    var busy = ToolRunner.AttemptFailedException.busy(new IllegalStateException());

    assertThat(ask(away, busy, away).at("/question/action").asString()).isEqualTo("accept");
  }

  @Test
  void anOriginThatStopsEndsAQuestion() {
    var stops = new ToolRunner.AttemptFailedException("It stops", new InterruptedException());

    assertThatThrownBy(() -> ask(stops)).isSameAs(stops);
  }
}
