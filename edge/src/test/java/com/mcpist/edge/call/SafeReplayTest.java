package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the edge with origins that are not MCPist's own. */
class SafeReplayTest {
  private static final String TOOLS =
      """
      {"jsonrpc":"2.0","id":1,"result":{"tools":[
       {"name":"find","annotations":{"readOnlyHint":true}},
       {"name":"set","annotations":{"readOnlyHint":false,"idempotentHint":true}},{"name":"save"}]}}\
      """;
  private static final String FIND = CALL.replace("save", "find");

  private final TestEdge edge = TestEdge.start();

  @BeforeEach
  void keepNoLedger() {
    edge.origins.keep = false;
  }

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  /** Returns an origin of today's revision. */
  private static Function<HttpMessage, Behaviour> modern(Behaviour call) {
    return request -> request.text().contains("tools/list") ? answer(200, TOOLS) : call;
  }

  /** Answers as an origin with sessions does. */
  private static Behaviour legacy(HttpMessage request) {
    if (request.text().contains("\"initialize\"")) {
      return new Behaviour.Answer(
          200,
          Map.of("Mcp-Session-Id", "s1"),
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}".getBytes(StandardCharsets.UTF_8));
    }
    if (request.header("Mcp-Session-Id").filter("s1"::equals).isEmpty()) {
      return request.text().contains("tools/call") ? answer(200, ANSWER) : answer(400, "{}");
    }
    return request.text().contains("tools/list") ? answer(200, TOOLS) : Behaviour.status(202);
  }

  @ParameterizedTest
  @ValueSource(strings = {"find", "set"})
  void aCallOfAToolThatMayRunTwiceIsSentAgain(String tool) throws IOException {
    edge.first.handle(modern(Behaviour.resetBefore()));
    edge.second.handle(modern(answer(200, ANSWER)));
    assertThat(edge.post("", CALL.replace("save", tool)).text()).isEqualTo(ANSWER);
  }

  @Test
  void aCallThatOneWithoutALedgerMayHaveRunIsNotSentToOneThatKeepsIt() throws IOException {
    edge.origins.keep = true;
    edge.origins.keepNone = "origin-1";
    edge.first.handle(modern(Behaviour.resetBefore()));
    edge.second.handle(modern(answer(200, ANSWER)));
    assertThat(edge.call().text()).contains("outcome_unknown", "Look first whether it was.");
  }

  @Test
  void aCallThatOneWithALedgerMayHaveRunIsNotSentToOneWithoutIt() throws IOException {
    edge.origins.keep = true;
    edge.origins.keepNone = "origin-2";
    edge.first.handle(modern(Behaviour.resetBefore()));
    edge.second.handle(modern(answer(200, ANSWER)));
    assertThat(edge.call().text()).contains("outcome_unknown", "Look first whether it was.");
    assertThat(edge.second.requests()).noneMatch(request -> request.text().equals(CALL));
  }

  @Test
  void aCallOfAToolThatMayWriteIsNotSentAgain() throws IOException {
    edge.first.handle(modern(Behaviour.resetBefore()));
    edge.second.handle(modern(answer(200, ANSWER)));
    assertThat(edge.call().text()).contains("outcome_unknown");
    assertThat(edge.second.requests()).noneMatch(request -> request.text().equals(CALL));
  }

  @Test
  void aCallThatWasNotDeliveredIsSentAgain() throws IOException {
    edge.first.refuse();
    edge.second.handle(modern(answer(200, ANSWER)));
    assertThat(edge.call().text()).isEqualTo(ANSWER);
  }

  @ParameterizedTest
  @CsvSource({"503, overloaded", "403, forbidden"})
  void aCallThatWasNotRunIsSentAgain(int status, String reason) throws IOException {
    Behaviour notRun = new Behaviour.Answer(status, Map.of("X-Not-Run", reason), new byte[0]);
    edge.first.handle(modern(notRun));
    edge.second.handle(modern(answer(200, ANSWER)));
    assertThat(edge.call().text()).isEqualTo(ANSWER);
  }

  @Test
  void anOriginWithSessionsIsAskedInItsOwnWay() throws IOException {
    edge.first.handle(
        request ->
            request.text().contains("tools/call") ? Behaviour.resetBefore() : legacy(request));
    edge.second.handle(SafeReplayTest::legacy);
    assertThat(edge.post("", FIND).text()).isEqualTo(ANSWER);
  }

  @Test
  void withoutAListNoToolReads() throws IOException {
    edge.first.handle(
        request ->
            request.text().contains("tools/call")
                ? Behaviour.resetBefore()
                : Behaviour.status(401));
    edge.second.always(Behaviour.status(401));
    assertThat(edge.post("", FIND).text()).contains("outcome_unknown");
  }
}
