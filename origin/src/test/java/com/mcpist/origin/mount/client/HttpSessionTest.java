package com.mcpist.origin.mount.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.origin.mount.client.Calls.Recorder;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Tests what passes between an origin and a server over Streamable HTTP. */
final class HttpSessionTest {
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
  private static final String DONE = "{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}";

  private final FaultServer server = FaultServer.start();

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private Calls calls() throws MountException {
    ObjectNode entry = Calls.JSON.createObjectNode().put("url", server.url() + "/mcp");
    entry.putObject("headers").put("Authorization", "Bearer ${SECRET}");
    return Calls.of(entry, Map.of("SECRET", "s3cr3t-value"));
  }

  @Test
  void aServerOfTheNewestRevisionHasNoSession() throws Exception {
    modern(call -> sse(Ending.COMPLETE, progress(call), log(), answer(call, DONE)));
    try (Calls calls = calls()) {
      assertThat(calls.server.hello(Calls.LIMIT).revision()).isEqualTo("2026-07-28");
      Recorder listener = new Recorder();
      assertThat(Calls.text(calls.result("wörk", listener, Calls.LIMIT))).isEqualTo("done");

      assertThat(listener.progress).hasSize(1);
      assertThat(listener.logs).hasSize(1);
      HttpMessage call = request("tools/call");
      assertThat(call.header("MCP-Protocol-Version")).contains("2026-07-28");
      assertThat(call.header("Mcp-Method")).contains("tools/call");
      assertThat(call.header("Mcp-Name")).contains("=?base64?d8O2cms=?=");
      assertThat(call.header("Authorization")).contains("Bearer s3cr3t-value");
      assertThat(call.header("Mcp-Session-Id")).isEmpty();
    }
    assertThat(server.requests()).noneMatch(request -> request.method().equals("DELETE"));
  }

  /** 0.0.0.0 is this machine, and no name of loopback. */
  @Test
  void headersAreNotSentInClearTextToAnotherMachine() throws Exception {
    String url = server.url().toString().replaceFirst("//[^:]+", "//0.0.0.0") + "/mcp";
    ObjectNode entry = Calls.JSON.createObjectNode().put("url", url);
    entry.putObject("headers").put("Authorization", "Bearer ${SECRET}");

    try (Calls calls = Calls.of(entry, Map.of("SECRET", "s3cr3t-value"))) {
      assertThatThrownBy(() -> calls.server.hello(Calls.LIMIT))
          .isInstanceOf(MountException.class)
          .hasMessageContaining("its url must begin with https://, or be on this machine");
    }
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void argumentsThatTheToolWantsInHeadersAreThere() throws Exception {
    String tools =
        "{\"tools\":[{\"name\":\"work\",\"inputSchema\":{\"properties\":{\"region\":"
            + "{\"type\":\"string\",\"x-mcp-header\":\"Region\"}}}}]}";
    modern(
        request -> {
          if (method(request).equals("tools/list")) {
            return json(answer(request, tools));
          }
          return request.header("Mcp-Param-Region").orElse("").equals("west")
              ? json(answer(request, DONE))
              : Behaviour.answer(
                  400,
                  "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32020,\"message\":\"no\"}}"
                      .formatted(id(request)));
        });
    try (Calls calls = calls()) {
      ObjectNode params = Calls.JSON.createObjectNode().put("name", "work");
      params.putObject("arguments").put("region", "west");

      ObjectNode result = calls.server.request("tools/call", params, new Recorder(), Calls.LIMIT);

      assertThat(Calls.text(result)).isEqualTo("done");
      assertThat(requests("tools/call")).hasSize(2);
    }
  }

  /** The tool wants headers that are not known, and the server lists tools without an end. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, its list of tools has more than 100 pages, 100",
    "150, 10, it lists more than 1000 tools, 7",
    "9, 60000, or tools of more than 1 MiB, 2"
  })
  void aListOfToolsThatIsReadForACallIsBounded(int tools, int size, String problem, int pages)
      throws Exception {
    String tool = "{\"name\":\"other\",\"description\":\"%s\"}".formatted("x".repeat(size));
    String page =
        "{\"tools\":[%s],\"nextCursor\":\"more\"}"
            .formatted(String.join(",", Collections.nCopies(tools, tool)));
    modern(
        request ->
            method(request).equals("tools/list")
                ? json(answer(request, page))
                : Behaviour.answer(
                    400,
                    "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32020,\"message\":\"no\"}}"
                        .formatted(id(request))));
    try (Calls calls = calls()) {
      MountException failure = calls.failure("work");

      assertThat(failure.kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(failure).hasMessageContaining(problem);
      assertThat(requests("tools/list")).hasSize(pages);
      assertThat(requests("tools/call")).hasSize(1);
      Conditions.await("nothing is held", () -> calls.budget.held() == 0);
    }
  }

  /** Whoever is told of the resource fails, so nobody takes the rest of the batch. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBatchThatCannotBeTakenHoldsNothing(boolean streamed) throws Exception {
    String updated =
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":"
            + "{\"uri\":\"notes://one\"}}";
    modern(
        call -> {
          String batch = "[" + updated + "," + answer(call, DONE) + "," + updated + "]";
          return streamed ? sse(Ending.COMPLETE, batch) : json(batch);
        });
    try (Calls calls = calls()) {
      Runnable watch =
          calls.server.watch(
              "notes://",
              uri -> {
                throw new IllegalStateException("nobody can be told");
              });

      assertThat(calls.failure("work").kind()).isEqualTo(Kind.UNKNOWN);

      Conditions.await("nothing is held", () -> calls.budget.held() == 0);
      watch.run();
    }
  }

  @Test
  void aBatchWithAnErrorOfHttpHoldsNothing() throws Exception {
    modern(call -> Behaviour.answer(500, "[" + log() + "," + log() + "," + log() + "]"));
    try (Calls calls = calls()) {
      assertThat(calls.failure("work").kind()).isEqualTo(Kind.UNKNOWN);
      Conditions.await("nothing is held", () -> calls.budget.held() == 0);
    }
  }

  @Test
  void theTextOfAnErrorIsWhole() throws Exception {
    String text = "It failed. ".repeat(1_000);
    modern(
        call ->
            json(
                "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32050,\"message\":\"%s\"}}"
                    .formatted(id(call), text)));
    try (Calls calls = calls()) {
      MountException failure = calls.failure("work");

      assertThat(failure.kind()).isEqualTo(Kind.ANSWERED);
      assertThat(failure).hasMessage(text);
      assertThat(failure.summary()).hasSize(500);
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 100, 64", "65, 100, 0", "1, 118, 1", "1, 119, 0"})
  void argumentsAreInHeadersWithinBounds(int arguments, int nameLength, int sent) throws Exception {
    ObjectNode tool = Calls.JSON.createObjectNode().put("name", "work");
    ObjectNode params = Calls.JSON.createObjectNode().put("name", "work");
    for (int i = 0; i < arguments; i++) {
      params.withObject("arguments").put("a" + i, "west");
      tool.withObject("inputSchema")
          .withObject("properties")
          .putObject("a" + i)
          .put("x-mcp-header", "x".repeat(nameLength - 2) + (10 + i));
    }
    modern(
        request ->
            json(
                answer(
                    request,
                    method(request).equals("tools/list") ? "{\"tools\":[" + tool + "]}" : DONE)));
    try (Calls calls = calls()) {
      Recorder listener = new Recorder();
      var _ = calls.server.request("tools/list", Wire.object(), listener, Calls.LIMIT);
      var _ = calls.server.request("tools/call", params, listener, Calls.LIMIT);

      HttpMessage call = request("tools/call");
      assertThat(
              IntStream.range(0, arguments)
                  .mapToObj(i -> "Mcp-Param-" + "x".repeat(nameLength - 2) + (10 + i))
                  .filter(name -> call.header(name).isPresent()))
          .hasSize(sent);
    }
  }

  @Test
  void anOlderServerHasASession() throws Exception {
    legacy(call -> json(answer(call, DONE)));
    try (Calls calls = calls()) {
      assertThat(calls.server.hello(Calls.LIMIT).revision()).isEqualTo("2025-06-18");
      assertThat(calls.text("work")).isEqualTo("done");

      HttpMessage call = request("tools/call");
      assertThat(call.header("MCP-Protocol-Version")).contains("2025-06-18");
      assertThat(call.header("Mcp-Session-Id")).contains("session-1");
      assertThat(call.header("Mcp-Method")).isEmpty();
      assertThat(request("notifications/initialized").header("Mcp-Session-Id"))
          .contains("session-1");
    }
    assertThat(server.requests().getLast().method()).isEqualTo("DELETE");
    assertThat(server.requests().getLast().header("Mcp-Session-Id")).contains("session-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"404", "400"})
  void aSessionThatTheServerHasForgottenIsBegunAgainOnce(int status) throws Exception {
    String refusal =
        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"No valid session ID"
            + " provided\"},\"id\":null}";
    legacy(
        call ->
            call.header("Mcp-Session-Id").orElse("").equals("session-1")
                ? Behaviour.answer(status, refusal)
                : json(answer(call, DONE)));
    try (Calls calls = calls()) {
      assertThat(calls.text("work")).isEqualTo("done");

      assertThat(requests("tools/call")).hasSize(2);
      assertThat(requests("initialize")).hasSize(2);
    }
  }

  /**
   * The answers of the TypeScript SDK, of the Python SDK, and of a server that answers in plain
   * text.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"Bad Request: Server not"
            + " initialized, no Mcp-Session-Id\"},\"id\":null}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"server-error\",\"error\":{\"code\":-32600,\"message\":\"Bad"
            + " Request: No valid session ID provided\"}}",
        "Invalid session ID\n"
      })
  void aSessionIsBegunAgainWhereTheServerSaysByABadRequestThatItIsLost(String refusal)
      throws Exception {
    legacy(
        call ->
            call.header("Mcp-Session-Id").orElse("").equals("session-1")
                ? Behaviour.answer(400, refusal)
                : json(answer(call, DONE)));
    try (Calls calls = calls()) {
      assertThat(calls.text("work")).isEqualTo("done");

      assertThat(requests("tools/call")).hasSize(2);
      assertThat(requests("initialize")).hasSize(2);
    }
  }

  /** Checks that such a call is not sent again, since the server may have run it. */
  @ParameterizedTest
  @ValueSource(strings = {"404", "400"})
  void anAnswerUnderTheRequestsOwnIdIsNeverSentAgain(int status) throws Exception {
    legacy(
        call ->
            call.header("Mcp-Session-Id").orElse("").equals("session-1")
                ? Behaviour.answer(
                    status,
                    "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32000,\"message\":\"The session of your desk has ended\"}}"
                        .formatted(id(call)))
                : json(answer(call, DONE)));
    try (Calls calls = calls()) {
      MountException failure = calls.failure("work");
      assertThat(failure.kind()).isEqualTo(Kind.ANSWERED);
      assertThat(failure).hasMessage("The session of your desk has ended");
      assertThat(requests("tools/call")).hasSize(1);

      assertThat(calls.text("work")).isEqualTo("done");
      assertThat(requests("initialize")).hasSize(2);
    }
  }

  @Test
  void aServerThatSpeaksAnOlderRevisionNowIsAskedAgain() throws Exception {
    modern(call -> Behaviour.status(400));
    try (Calls calls = calls()) {
      assertThat(calls.server.hello(Calls.LIMIT).modern()).isTrue();
      legacy(
          call ->
              call.header("Mcp-Session-Id").isEmpty()
                  ? Behaviour.status(400)
                  : json(answer(call, DONE)));

      assertThat(calls.text("work")).isEqualTo("done");
    }
  }

  @Test
  void aRequestIsNotSentAThirdTime() throws Exception {
    legacy(call -> Behaviour.status(404));
    try (Calls calls = calls()) {
      assertThat(calls.failure("work").kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(requests("tools/call")).hasSize(2);
    }
  }

  @Test
  void whatIsRefusedAtTheDoorWasNotSent() throws Exception {
    server.refuse();
    try (Calls calls = calls()) {
      MountException failure = calls.failure("work");
      assertThat(failure.kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(failure).hasMessageStartingWith("it cannot be reached");
      assertThat(calls.server.status().state()).isEqualTo(Status.State.FAILED);
    }
  }

  @Test
  void whatBreaksAfterwardsIsUnknown() throws Exception {
    int sent = 0;
    for (Behaviour fault :
        List.of(
            Behaviour.closeBefore(),
            Behaviour.resetBefore(),
            Behaviour.resetInBody(new Answer(200, JSON, DONE.getBytes(UTF_8))),
            Behaviour.sse(Ending.CLOSE, log()),
            Behaviour.status(500),
            Behaviour.status(202),
            json("not JSON"))) {
      modern(call -> fault);
      try (Calls calls = calls()) {
        assertThat(calls.failure("work").kind()).as(fault.toString()).isEqualTo(Kind.UNKNOWN);
        assertThat(requests("tools/call")).as(fault.toString()).hasSize(++sent);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"401", "403", "413", "429"})
  void whatTheServerRefusesWasNotRun(int status) throws Exception {
    legacy(call -> Behaviour.status(status));
    try (Calls calls = calls()) {
      MountException failure = calls.failure("work");
      assertThat(failure.kind()).isEqualTo(Kind.NOT_SENT);
      assertThat(failure).hasMessageStartingWith("it answered HTTP " + status);
    }
  }

  @Test
  void noRedirectIsFollowed() throws Exception {
    try (FaultServer other = FaultServer.start()) {
      server.always(new Answer(307, Map.of("Location", other.url() + "/mcp"), new byte[0]));
      try (Calls calls = calls()) {
        assertThat(calls.failure("work")).hasMessageContaining("Redirects are not followed");
      }
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void anErrorOfJsonRpcIsAnAnswer() throws Exception {
    modern(
        call ->
            Behaviour.answer(
                404,
                "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,\"message\":\"no\",\"data\":7}}"
                    .formatted(id(call))));
    try (Calls calls = calls()) {
      MountException failure = calls.failure("work");
      assertThat(failure.kind()).isEqualTo(Kind.ANSWERED);
      assertThat(failure.code()).isEqualTo(-32601);
      assertThat(failure).hasMessage("no");
      assertThat(failure.data()).isNotNull().hasToString("7");
    }
  }

  @Test
  void aStreamThatBreaksIsGoneOnWith() throws Exception {
    CompletableFuture<HttpMessage> called = new CompletableFuture<>();
    legacy(
        call -> {
          called.complete(call);
          return new Behaviour.Sse(
              List.of("id: e-1\nretry: 10\ndata:\n\n", "id: e-2\ndata: " + log() + "\n\n"),
              Duration.ofMillis(200),
              Ending.CLOSE);
        },
        get ->
            get.header("Last-Event-ID").orElse("").startsWith("e-")
                ? sse(Ending.COMPLETE, answer(called.join(), DONE))
                : Behaviour.status(405));
    try (Calls calls = calls()) {
      assertThat(calls.text("work")).isEqualTo("done");
      assertThat(requests("tools/call")).hasSize(1);
    }
  }

  @Test
  void aQuestionOnTheCallsStreamIsAnswered() throws Exception {
    String question =
        "{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"sampling/createMessage\",\"params\":{}}";
    CompletableFuture<String> reply = new CompletableFuture<>();
    legacy(
        message -> {
          if (message.text().contains("\"id\":\"q\"")) {
            reply.complete(message.text());
            return Behaviour.status(202);
          }
          return sse(Ending.SILENCE, question);
        });
    try (Calls calls = calls()) {
      Recorder listener = new Recorder();
      CompletableFuture<String> call = calls.begin("work", listener);

      assertThat(reply.join()).contains("\"result\":{\"action\":\"accept\"}");
      assertThat(listener.asked).containsExactly("sampling/createMessage {}");

      listener.cancelled = true;
      assertThatThrownBy(call::join).hasRootCauseMessage("the call was cancelled");
      Conditions.await("it is told", () -> !requests("notifications/cancelled").isEmpty());
    }
  }

  @Test
  void theNewestRevisionIsCancelledByTheEndOfItsConnection() throws Exception {
    modern(call -> sse(Ending.SILENCE, log()));
    try (Calls calls = calls()) {
      calls.server.hello(Calls.LIMIT);

      assertThat(calls.failure("work", Duration.ofMillis(500)).kind()).isEqualTo(Kind.UNKNOWN);

      Conditions.await("it is closed", () -> server.openConnections() <= 2);
      assertThat(requests("notifications/cancelled")).isEmpty();
    }
  }

  @Test
  void changesToListsAreHeardOf() throws Exception {
    String changed = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/prompts/list_changed\"}";
    legacy(call -> json(answer(call, DONE)), get -> sse(Ending.SILENCE, changed));
    try (Calls calls = calls()) {
      calls.server.hello(Calls.LIMIT);
      Conditions.await("it is told", () -> calls.changed.contains("prompts"));
    }
  }

  @Test
  void aFloodIsBounded() throws Exception {
    modern(call -> new Behaviour.Ticks(() -> ": x\n".repeat(10_000), Duration.ZERO));
    try (Calls calls = calls()) {
      assertThat(calls.failure("work")).hasMessageContaining("it floods its output");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLargeAnswerIsHeldUntilItIsTaken(boolean streamed) throws Exception {
    String text =
        "{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}".formatted("x".repeat(3 << 20));
    modern(call -> streamed ? sse(Ending.COMPLETE, answer(call, text)) : json(answer(call, text)));
    try (Calls calls = calls()) {
      AtomicLong held = new AtomicLong();
      Recorder listener =
          new Recorder() {
            @Override
            public void holds(Charge charge) {
              held.set(charge.bytes());
              super.holds(charge);
            }
          };
      assertThat(Calls.text(calls.result("work", listener, Calls.LIMIT))).hasSize(3 << 20);
      assertThat(held.get()).isGreaterThan(9 << 20);
      Conditions.await("nothing is held", () -> calls.budget.held() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAnswerThatCannotBeReadIsAnAnswer(boolean streamed) throws Exception {
    String numbers = "{\"content\":[],\"x\":[" + "1,".repeat(300_000) + "1]}";
    modern(
        call ->
            streamed ? sse(Ending.COMPLETE, answer(call, numbers)) : json(answer(call, numbers)));
    try (Calls calls = calls()) {
      MountException failure = calls.failure("work");
      assertThat(failure.kind()).isEqualTo(Kind.ANSWERED);
      assertThat(failure).hasMessageContaining("more than 200,000 values");
      Conditions.await("nothing is held", () -> calls.budget.held() == 0);
    }
  }

  @Test
  void anAnswerIsBounded() throws Exception {
    modern(call -> json(answer(call, "{\"x\":\"" + "x".repeat(5 << 20) + "\"}")));
    try (Calls calls = calls()) {
      assertThat(calls.failure("work")).hasMessageContaining("more than 4096 KiB");
    }
  }

  /** Makes the server one of 2026-07-28 that does this with calls. */
  private void modern(Function<HttpMessage, Behaviour> calls) {
    server.handle(
        request ->
            switch (method(request)) {
              case "server/discover" ->
                  json(
                      answer(
                          request,
                          "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}}"));
              default -> calls.apply(request);
            });
  }

  private void legacy(Function<HttpMessage, Behaviour> calls) {
    legacy(calls, get -> Behaviour.status(405));
  }

  /** Makes the server one with sessions that does this with calls and with GET. */
  private void legacy(
      Function<HttpMessage, Behaviour> calls, Function<HttpMessage, Behaviour> gets) {
    server.handle(
        request ->
            switch (method(request)) {
              case "GET" -> gets.apply(request);
              case "server/discover" -> Behaviour.status(400);
              case "initialize" ->
                  new Answer(
                      200,
                      Map.of(
                          "Content-Type",
                          "application/json",
                          "Mcp-Session-Id",
                          "session-" + requests("initialize").size()),
                      answer(
                              request,
                              "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":"
                                  + "{\"prompts\":{\"listChanged\":true}},\"serverInfo\":{}}")
                          .getBytes(UTF_8));
              case "tools/call", "" -> calls.apply(request);
              default -> Behaviour.status(202);
            });
  }

  private List<HttpMessage> requests(String method) {
    return server.requests().stream().filter(request -> method(request).equals(method)).toList();
  }

  private HttpMessage request(String method) {
    return requests(method).getFirst();
  }

  /** Returns the method of JSON-RPC, or that of HTTP if it is not POST. */
  private static String method(HttpMessage request) {
    return request.method().equals("POST")
        ? Calls.JSON.readTree(request.body()).path("method").asString("")
        : request.method();
  }

  private static String id(HttpMessage request) {
    return Calls.JSON.readTree(request.body()).path("id").toString();
  }

  private static String answer(HttpMessage request, String result) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}".formatted(id(request), result);
  }

  private static String progress(HttpMessage request) {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":%s,\"progress\":1}}"
        .formatted(id(request));
  }

  private static String log() {
    return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1}}";
  }

  private static Behaviour json(String body) {
    return Behaviour.answer(200, body);
  }

  private static Behaviour sse(Ending ending, String... data) {
    return Behaviour.sse(ending, data);
  }
}
