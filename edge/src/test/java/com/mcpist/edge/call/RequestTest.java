package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
  private final TestEdge edge = TestEdge.start();

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//mcp",
        "/mcp/",
        "/MCP",
        "/mcp/../health",
        "/%6dcp",
        "/mcp;x",
        "/HEALTH",
        "/health/",
        "/heartbeat",
        "/api/admin",
        "http://localhost/mcp",
        "/.well-known/oauth-protected-resource/"
      })
  void aPathThatIsNotExactlyOneOfTheEdgesIsNotForwarded(String target) throws IOException {
    HttpMessage response = edge.get(target);
    assertThat(response.status()).isEqualTo(404);
    assertThat(response.text()).contains("\"code\":\"not_found\"", "\"id\":\"");
    assertThat(edge.first.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "OPTIONS, /mcp",
    "PUT, /mcp",
    "PUT, /health",
    "POST, /health",
    "TRACE, /mcp",
    "POST, /.well-known/oauth-protected-resource"
  })
  void aMethodThatAPathDoesNotTakeIsNotForwarded(String method, String path) throws IOException {
    String request = method + " " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    HttpMessage response = RawHttp.exchange(edge.server.port(), request);
    assertThat(response.status()).isEqualTo(405);
    assertThat(response.header("Allow")).isPresent();
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void thereIsNoMetadataWhereNobodyIsAskedWhoCalls() throws IOException {
    assertThat(edge.get("/.well-known/oauth-protected-resource").status()).isEqualTo(404);
    assertThat(edge.get("/.well-known/oauth-protected-resource/mcp").status()).isEqualTo(404);
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void healthIsTheActiveOriginsAndAskedWithoutTheSecret() throws IOException {
    edge.first.always(Behaviour.ofLedger(503, "{\"status\":\"unhealthy\"}"));
    HttpMessage response = edge.get("/health");
    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("X-Served-By")).contains("origin-1");
    assertThat(edge.first.requests().getFirst().headers())
        .noneMatch(header -> header.getKey().toLowerCase(java.util.Locale.ROOT).startsWith("x-"));
    assertThat(edge.origins.failures).isEmpty();
    edge.first.refuse();
    edge.second.refuse();
    assertThat(edge.get("/health").text()).isEqualTo("{\"status\":\"unhealthy\"}");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 302, 403, 404, 503})
  void aPageInTheOriginsPlaceIsNotItsHealth(int status) throws IOException {
    edge.first.always(Behaviour.inItsPlace(status, "<html>This service is stopped</html>"));

    HttpMessage response = edge.get("/health");

    assertThat(response.header("X-Served-By")).contains("origin-2");
    assertThat(response.text()).doesNotContain("stopped");
  }

  @Test
  void noOriginIsHealthyWhereNoneAnswersWhateverALateProbeSays() throws IOException {
    edge.first.refuse();
    edge.second.handle(
        _ -> {
          edge.origins.succeeded(edge.origins.inOrder().getFirst());
          return Behaviour.closeBefore();
        });
    assertThat(edge.get("/health").text()).isEqualTo("{\"status\":\"unhealthy\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, , 200",
    "127.0.0.1:8080, http://localhost:5173, 200",
    "[::1]:8080, , 200",
    "evil.example:8080, , 421",
    "evil.example:8080, http://evil.example:8080, 421",
    "localhost:8080, http://evil.example, 403",
    "localhost:8080, null, 403",
    "localhost:8080, //localhost, 403",
    "localhost:8080, http://evil@localhost, 403",
    "localhost:8080, http://localhost/page, 403"
  })
  void onLoopbackPagesOfOtherSitesAreTurnedAway(String host, @Nullable String origin, int status)
      throws IOException {
    try (TestEdge local = TestEdge.start(RequestTest::onLoopback)) {
      local.first.always(answer(200, ANSWER));
      String request =
          RawHttp.post("/mcp", origin == null ? "" : "Origin: " + origin, CALL)
              .replace("Host: localhost", "Host: " + host);
      assertThat(RawHttp.exchange(local.server.port(), request).status()).isEqualTo(status);
      assertThat(local.first.requests()).hasSize(status == 200 ? 1 : 0);
      assertThat(local.first.requests()).allMatch(r -> r.header("Origin").isEmpty());
      String health = "GET /health HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
      assertThat(RawHttp.exchange(local.server.port(), health).status()).isEqualTo(200);
    }
  }

  private static ProxyConfig onLoopback(ProxyConfig config) {
    return ProxyConfig.defaults(config.host(), 0);
  }

  @Test
  void whatAClientSaysForTheEdgeIsDropped() throws IOException {
    edge.first.always(answer(200, ANSWER));
    edge.call(
        """
        X-Gateway-Secret: guess
        x-call-id: 1
        X-ATTEMPT: 9
        X-Deadline: 1
        X-User-Id: root
        X-Forwarded-For: 1.1.1.1
        X-Forwarded-Host: evil
        Forwarded: for=1.1.1.1
        Connection: keep-alive, X-Nominated
        X-Nominated: a
        Keep-Alive: timeout=9
        Upgrade: h2c
        Accept-Encoding: gzip
        Idempotency-Key: mine
        Authorization: Bearer t
        Mcp-Method: tools/call\
        """);
    HttpMessage request = edge.first.requests().getFirst();
    assertThat(request.headers("X-Gateway-Secret")).containsExactly(TestEdge.SECRET);
    assertThat(request.headers("X-Call-Id")).singleElement().asString().hasSize(36);
    assertThat(request.headers("X-Attempt")).containsExactly("1");
    assertThat(request.headers("X-User-Id")).containsExactly("local");
    assertThat(Long.parseLong(request.headers("X-Deadline").getFirst()))
        .isGreaterThan(System.currentTimeMillis() + 200_000);
    for (String dropped :
        new String[] {
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "Forwarded",
          "X-Nominated",
          "Keep-Alive",
          "Upgrade",
          "Accept-Encoding"
        }) {
      assertThat(request.headers(dropped)).as(dropped).isEmpty();
    }
    assertThat(request.header("Host")).contains("127.0.0.1:" + edge.first.port());
    assertThat(request.header("Idempotency-Key")).contains("mine");
    assertThat(request.header("Authorization")).contains("Bearer t");
    assertThat(request.header("Mcp-Method")).contains("tools/call");
  }

  @Test
  void whatAnOriginSaysForTheEdgeIsDropped() throws IOException {
    edge.first.always(
        new Answer(
            200,
            Map.of(
                "Content-Type", "application/json",
                "Server", "Jetty(12)",
                "X-Powered-By", "Java",
                "Keep-Alive", "timeout=5",
                "X-Served-By", "me",
                "X-Kept", "yes"),
            ANSWER.getBytes(StandardCharsets.UTF_8)));
    HttpMessage response = edge.call();
    assertThat(response.header("X-Kept")).contains("yes");
    assertThat(response.headers("X-Served-By")).containsExactly("origin-1");
    assertThat(response.header("Server")).isEmpty();
    assertThat(response.header("X-Powered-By")).isEmpty();
    assertThat(response.header("Keep-Alive")).isEmpty();
  }

  @Test
  void aLargeAnswerIsPassedOnAsItComes() throws IOException {
    byte[] large = new byte[20 * 1024 * 1024];
    edge.first.always(new Answer(200, Map.of("Content-Type", "application/json"), large));
    assertThat(edge.call().body()).hasSize(large.length);
    edge.first.always(
        new Behaviour.CutInBody(
            new Answer(200, Map.of(), large), large.length / 2, Behaviour.Ending.CLOSE));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", CALL));
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
  }
}
