package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The revision without sessions: what each request must say, and rounds. */
class ModernTest {
  private static final String ADD = "{\"a\": 1, \"b\": 2}";
  private static TestOrigin origin;

  @BeforeAll
  static void start() {
    origin = new TestOrigin();
  }

  @AfterAll
  static void stop() {
    origin.close();
  }

  private static HttpResponse<String> sendWith(String header, String value, ObjectNode request)
      throws IOException, InterruptedException {
    return origin.send(origin.post(Requests.MODERN, request).setHeader(header, value));
  }

  private static int code(HttpResponse<String> response) {
    return TestOrigin.lastMessage(response).path("error").path("code").asInt();
  }

  @ParameterizedTest
  @CsvSource({
    "MCP-Protocol-Version, 2025-11-25, -32020",
    "Mcp-Method, tools/list, -32020",
    "Mcp-Name, subtract, -32020",
    "Mcp-Name, =?base64?c3VidHJhY3Q=?=, -32020",
    "Mcp-Name, =?base64?YWRk?=, 0",
    "Mcp-Name, =?base64?YWR?=, -32020",
    "Mcp-Name, =?base64?!!!!?=, -32020"
  })
  void aHeaderMustSayWhatTheBodySays(String header, String value, int code)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        sendWith(header, value, Requests.call(Requests.MODERN, "add", ADD));
    assertThat(code(response)).isEqualTo(code);
    assertThat(response.statusCode()).isEqualTo(code == 0 ? 200 : 400);
  }

  @Test
  void aMissingHeaderIsAMismatch() throws IOException, InterruptedException {
    ObjectNode request = Requests.call(Requests.MODERN, "add", ADD);
    for (String missing : List.of("MCP-Protocol-Version", "Mcp-Method", "Mcp-Name")) {
      var builder =
          origin
              .to("/mcp")
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(request.toString()));
      Requests.headers(Requests.MODERN, request)
          .forEach(
              (name, value) -> {
                if (!name.equals(missing)) {
                  builder.header(name, value);
                }
              });
      HttpResponse<String> response = origin.send(builder);
      assertThat(response.statusCode()).as(missing).isEqualTo(400);
      assertThat(code(response)).as(missing).isEqualTo(-32020);
    }
  }

  private static HttpResponse<String> sendChanged(Consumer<ObjectNode> change)
      throws IOException, InterruptedException {
    ObjectNode request = Requests.call(Requests.MODERN, "add", ADD);
    change.accept((ObjectNode) request.path("params").path("_meta"));
    return origin.send(origin.post(Requests.MODERN, request));
  }

  @Test
  void metaMustBeComplete() throws IOException, InterruptedException {
    for (String key : List.of("protocolVersion", "clientCapabilities")) {
      HttpResponse<String> response =
          sendChanged(meta -> meta.remove("io.modelcontextprotocol/" + key));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(code(response)).isEqualTo(-32602);
    }
    assertThat(sendChanged(m -> m.remove("io.modelcontextprotocol/clientInfo")).statusCode())
        .isEqualTo(200);
    assertThat(code(sendChanged(m -> m.put("io.modelcontextprotocol/logLevel", "shout"))))
        .isEqualTo(-32602);
  }

  @Test
  void anUnknownVersionIsToldWhatIsSupported() throws IOException, InterruptedException {
    ObjectNode request = Requests.call(Requests.MODERN, "add", ADD);
    ((ObjectNode) request.path("params").path("_meta"))
        .put("io.modelcontextprotocol/protocolVersion", "2030-01-01");
    HttpResponse<String> response = sendWith("MCP-Protocol-Version", "2030-01-01", request);
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = TestOrigin.lastMessage(response).path("error");
    assertThat(error.path("code").asInt()).isEqualTo(-32022);
    assertThat(error.path("data").path("requested").asString()).isEqualTo("2030-01-01");
    assertThat(error.path("data").path("supported").get(0).asString()).isEqualTo("2026-07-28");
  }

  @Test
  void whatTheOtherEraHasIsNotFound() throws IOException, InterruptedException {
    for (String method : List.of("initialize", "ping", "logging/setLevel", "nonsense")) {
      ObjectNode request = Requests.request(Requests.MODERN, method, "{}");
      HttpResponse<String> response = origin.send(origin.post(Requests.MODERN, request));
      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(code(response)).isEqualTo(-32601);
    }
  }

  @Test
  void aParameterThatTheToolWantsRepeatedIsCompared() throws IOException, InterruptedException {
    ObjectNode request =
        Requests.call(Requests.MODERN, "region", "{\"region\": \"日本\", \"count\": 42}");
    var builder =
        origin.post(Requests.MODERN, request).header("Mcp-Param-Region", "=?base64?5pel5pys?=");
    assertThat(code(origin.send(builder))).isEqualTo(-32020);
    assertThat(origin.send(builder.header("Mcp-Param-Count", "42.0")).statusCode()).isEqualTo(200);
    ObjectNode without = Requests.call(Requests.MODERN, "region", "{\"region\": null}");
    assertThat(code(sendWith("Mcp-Param-Region", "", without))).isEqualTo(-32020);
  }

  @Test
  void aQuestionIsAnsweredInTheNextRound() throws IOException, InterruptedException {
    ObjectNode asked = origin.answer(Requests.MODERN, Requests.call(Requests.MODERN, "ask", "{}"));
    JsonNode result = asked.path("result");
    assertThat(result.path("resultType").asString()).isEqualTo("input_required");
    assertThat(result.path("inputRequests").path("name").path("method").asString())
        .isEqualTo("elicitation/create");

    ObjectNode again = answered(result.path("requestState").asString());
    assertThat(origin.answer(Requests.MODERN, again).toString()).contains("Hello, Ada");

    ObjectNode other = answered(result.path("requestState").asString());
    ((ObjectNode) other.path("params")).set("arguments", Definitions.json("{\"other\": 1}"));
    assertThat(origin.answer(Requests.MODERN, other).path("error").path("code").asInt())
        .as("the state belongs to the request it was given for")
        .isEqualTo(-32602);
    var stranger = origin.post(Requests.MODERN, again).setHeader("X-User-Id", "eve");
    assertThat(code(origin.send(stranger))).as("and to its user").isEqualTo(-32602);
    ObjectNode forged = answered(result.path("requestState").asString() + "A");
    assertThat(origin.answer(Requests.MODERN, forged).path("error").path("code").asInt())
        .isEqualTo(-32602);
  }

  private static ObjectNode answered(String state) {
    ObjectNode request = Requests.call(Requests.MODERN, "ask", "{}");
    ObjectNode params = (ObjectNode) request.path("params");
    params.set(
        "inputResponses",
        Definitions.json("{\"name\": {\"action\": \"accept\", \"content\": {\"name\": \"Ada\"}}}"));
    params.put("requestState", state);
    return request;
  }

  @Test
  void aClientIsNotAskedWhatItCannotAnswer() throws IOException, InterruptedException {
    ObjectNode request = Requests.call(Requests.MODERN, "ask", "{}");
    ((ObjectNode) request.path("params").path("_meta"))
        .set(
            "io.modelcontextprotocol/clientCapabilities",
            Definitions.json("{\"elicitation\": {\"url\": {}}, \"roots\": {}}"));
    HttpResponse<String> response = origin.send(origin.post(Requests.MODERN, request));
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = TestOrigin.lastMessage(response).path("error");
    assertThat(error.path("code").asInt()).isEqualTo(-32021);
    assertThat(error.path("data").path("requiredCapabilities").has("elicitation")).isTrue();
  }
}
