package com.mcpist.e2e;

import static com.mcpist.e2e.harness.McpConnection.callRequest;
import static com.mcpist.e2e.harness.McpConnection.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.http.SocketHttp.Request;
import com.mcpist.deploy.http.SocketHttp.Response;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What no well-behaved client sends, sent to a pair: each is answered clearly, and nothing is
 * broken by it.
 */
class BadInputIT {

  private static final Duration SLOW_CLIENT_LIMIT = Duration.ofMinutes(2);

  private static final String SLOW_BODY =
      """
      POST /mcp HTTP/1.1\r
      Host: localhost\r
      Content-Type: application/json\r
      Content-Length: 100000\r
      \r
      {\
      """;
  private static final String FORGED =
      """
      X-Gateway-Secret: x
      X-User-Id: mallory
      X-Call-Id: 00000000-0000-7000-8000-000000000000
      X-Attempt: 9
      X-Deadline: 1\
      """;

  private static Pair pair;

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.up();
    pair.awaitSettled();
  }

  @AfterAll
  static void stop() throws Exception {
    pair.close();
  }

  @AfterEach
  void thePairStillServes() throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      assertThat(client.request("tools/list", Map.of()).result().path("tools").isEmpty()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("com.mcpist.e2e.BadRequest#all")
  void isAnsweredClearly(BadRequest bad) throws IOException {
    HttpMessage answer = RawHttp.exchange(pair.port(), bad.bytes());

    assertThat(Integer.toString(answer.status())).as(answer.toString()).matches(bad.statuses());
    if (bad.code() != 0) {
      assertThat(answer.text()).contains("\"code\":" + bad.code());
    }
    assertSaysNothingOfTheInside(answer);
  }

  @Test
  void anArgumentOfTheWrongTypeIsAnErrorThatNamesIt() throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      var reply = client.call("memory_save", Map.of("title", 7, "text", "t"));
      boolean refused = reply.errorCode() != 0 || reply.result().path("isError").asBoolean(false);
      assertThat(refused).as(reply.http().toString()).isTrue();
      assertThat(reply.http().text()).contains("title");
      assertSaysNothingOfTheInside(reply.http());
    }
  }

  @Test
  void aBodyOfFiveMebibytesIsTooLargeWithALengthAndWithout() throws IOException {
    String text = "a".repeat(5 * 1024 * 1024);
    String whole = callRequest("/mcp", "memory_save", Map.of("title", "t", "text", text), "");
    assertThat(answerThoughItMayStopReading(whole).status()).isEqualTo(413);

    String head = whole.substring(0, whole.indexOf("Content-Length"));
    String body = whole.substring(whole.indexOf("\r\n\r\n") + 4);
    String chunked =
        head
            + "Transfer-Encoding: chunked\r\n\r\n"
            + Integer.toHexString(body.length())
            + "\r\n"
            + body
            + "\r\n0\r\n\r\n";
    assertThat(answerThoughItMayStopReading(chunked).status()).isEqualTo(413);
  }

  // A server may answer and stop reading while the client is still sending.
  private static HttpMessage answerThoughItMayStopReading(String bytes) throws IOException {
    try (RawHttp http = RawHttp.connect(pair.port())) {
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      http.send(bytes);
                    } catch (IOException stopped) {
                      // The answer is what counts.
                    }
                  });
      HttpMessage answer = http.read();
      assertThat(sender).isNotNull();
      return answer;
    }
  }

  @Test
  void aClientThatNeverEndsItsRequestIsCutOffWhileOthersAreServed() throws Exception {
    Load others = Load.start(pair.port(), 2, BadInputIT::list);
    try (RawHttp headers = RawHttp.connect(pair.port());
        RawHttp body = RawHttp.connect(pair.port())) {
      headers.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\n");
      body.send(SLOW_BODY);
      Conditions.await(
          "the slow headers are cut off", SLOW_CLIENT_LIMIT, () -> cutOff(headers, "X-A: b\r\n"));
      Conditions.await("the slow body is cut off", SLOW_CLIENT_LIMIT, () -> cutOff(body, " "));
    }
    Load.Report report = others.stop();
    assertThat(report.failures()).as(report.summary()).isEmpty();
  }

  // A few bytes more, at each look.
  private static boolean cutOff(RawHttp http, String more) throws IOException {
    try {
      http.send(more);
    } catch (java.net.SocketException closed) {
      return true;
    }
    return http.closesWithin(Duration.ofMillis(200));
  }

  private static String list(McpConnection connection, int client, int number) throws IOException {
    var reply = connection.request("tools/list", Map.of());
    assertThat(reply.status()).isEqualTo(200);
    return reply.servedBy();
  }

  @Test
  void headersThatOnlyTheEdgeMaySetAreNotBelieved() throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      Map<String, String> memory = Map.of("title", "Forged headers", "text", "t");
      String first =
          client.call("memory_save", memory, FORGED).structured().findPath("id").asString();
      String second =
          client.call("memory_save", memory, FORGED).structured().findPath("id").asString();

      assertThat(second)
          .as("the same X-Call-Id from a client is not the same call")
          .isNotEqualTo(first);
      var asOneself = client.call("memory_get", Map.of("id", first));
      assertThat(asOneself.structured().findPath("title").asString()).isEqualTo("Forged headers");
    }
  }

  @Test
  void theSecretIsNeverToldToAClient() throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      HttpMessage answer = client.request("server/discover", Map.of()).http();
      assertThat(answer.header("X-Gateway-Secret")).isEmpty();
      assertThat(answer.header("X-Served-By")).contains(Pair.PRIMARY);
    }
  }

  @Test
  void anOriginAnswersNobodyWithoutTheRightSecret() throws Exception {
    for (Status.Origin origin : pair.status().origins()) {
      Request list =
          Request.of("POST", "/mcp")
              .withBody(
                  "application/json",
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{}}");
      for (Request request :
          List.of(
              list,
              list.with("X-Gateway-Secret", ""),
              list.with("X-Gateway-Secret", "wrong".repeat(8)))) {
        Response answer = origin.send(request);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body().length).as(answer.text()).isLessThan(300);
      }
      assertThat(origin.send(Request.of("GET", "/health")).text()).isEqualTo("{\"status\":\"ok\"}");
    }
  }

  @Test
  void theEdgesHealthIsTheActiveOriginsAndTellsNoDetail() throws IOException {
    HttpMessage health =
        RawHttp.exchange(pair.port(), "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.text()).isEqualTo("{\"status\":\"ok\"}");
  }

  private static void assertSaysNothingOfTheInside(HttpMessage answer) {
    assertThat(answer.toString())
        .doesNotContain(
            "com.mcpist", "java.", "io.vertx", "io.netty", "tools.jackson", "Exception", "\tat ");
  }
}
