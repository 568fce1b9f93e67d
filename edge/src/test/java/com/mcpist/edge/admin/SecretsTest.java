package com.mcpist.edge.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.call.CallCounts;
import com.mcpist.edge.call.Calls;
import com.mcpist.edge.monitor.OriginPool;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.telemetry.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tests that the edge shows which gateway secret it has, and takes another one. */
class SecretsTest {
  private static final String TOKEN = "an-admin-token-of-some-length";
  private static final String FIRST = "the-first-gateway-secret-0123456789";
  private static final String OTHER = "another-gateway-secret-0123456789ab";
  private static final String NONCE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  private static final Path VECTORS =
      Path.of(System.getProperty("mcpist.root"), "contract", "secrets", "proof.json");

  private static final Vertx VERTX = Vertx.vertx();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final SentSecret SECRET = new SentSecret(FIRST);
  private static AdminServer admin;

  @BeforeAll
  static void start() throws Exception {
    Origin origin = new Origin("koyeb-primary", URI.create("http://127.0.0.1:1"));
    admin =
        new AdminServer(
                VERTX,
                new OriginPool(VERTX, List.of(origin), PoolSettings.DEFAULTS, new MonotonicClock()),
                _ -> null,
                () -> new Calls.Status(new CallCounts(0, 0, 0), List.of(), null),
                new Metrics("edge", List.of()),
                TOKEN,
                SECRET,
                null)
            .listen(SocketAddress.inetSocketAddress(0, "127.0.0.1"))
            .await(30, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() throws Exception {
    CLIENT.close();
    VERTX.close().await(30, TimeUnit.SECONDS);
  }

  @BeforeEach
  void asAtFirst() {
    SECRET.replace(FIRST);
  }

  /** Returns the vectors of the secret that an edge has. */
  static Stream<JsonNode> vectors() {
    return JsonMapper.shared()
        .readTree(VECTORS.toFile())
        .valueStream()
        .filter(vector -> vector.get("name").stringValue().equals("GATEWAY_SECRET"));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void itProvesAsEveryTargetDoes(JsonNode vector) throws Exception {
    SECRET.replace(vector.get("value").stringValue());

    HttpResponse<String> answer = ask(vector.get("nonce").stringValue(), "\"GATEWAY_SECRET\"");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json(answer).get("proofs").toString())
        .isEqualTo("{\"GATEWAY_SECRET\":\"%s\"}".formatted(vector.get("proof").stringValue()));
    assertThat(json(answer).get("names").toString()).isEqualTo("[\"GATEWAY_SECRET\"]");
    assertThat(answer.body()).doesNotContain(SECRET.get());
  }

  @Test
  void ofOtherSecretsItProvesNone() throws Exception {
    HttpResponse<String> answer = ask(NONCE, "\"ADMIN_TOKEN\",\"EDGE_ADMIN_TOKEN\"");

    assertThat(json(answer).get("proofs").isEmpty()).isTrue();
  }

  @Test
  void itTakesAnotherOneAndSendsThat() throws Exception {
    HttpResponse<String> answer = put("{\"GATEWAY_SECRET\":\"" + OTHER + "\"}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).doesNotContain(FIRST, OTHER).contains("koyeb-primary");
    assertThat(SECRET.get()).isEqualTo(OTHER);
    assertThat(json(ask(NONCE, "\"GATEWAY_SECRET\"")).get("proofs").get("GATEWAY_SECRET"))
        .hasToString("\"" + new SentSecret(OTHER).proof(NONCE) + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"GATEWAY_SECRET\":7}",
        "{\"GATEWAY_SECRET\":\"too-short-by-one-0123456789abcd\"}",
        "{\"GATEWAY_SECRET\":\"two-values-0123456789abcdef0123456789,another-one\"}",
        "{\"GATEWAY_SECRET\":\"with a blank 0123456789abcdef0123456789\"}",
        "{\"GATEWAY_SECRET\":\"with-a-line-0123456789abcdef0123456789\\n\"}",
        "{\"ADMIN_TOKEN\":\"another-gateway-secret-0123456789ab\"}",
        "{\"GATEWAY_SECRET\":\"another-gateway-secret-0123456789ab\",\"x\":1}",
        "\"another-gateway-secret-0123456789ab"
      })
  void whatIsNoneIsRefusedAndNotShown(String body) throws Exception {
    assertRefused(put(body));
  }

  @Test
  void whatIsTooLargeIsRefused() throws Exception {
    assertRefused(put("{\"GATEWAY_SECRET\":\"" + "a".repeat(1_025) + "\"}"));
    assertRefused(put("{\"GATEWAY_SECRET\":\"" + OTHER + "\"" + " ".repeat(20_000) + "}"));
  }

  private static void assertRefused(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).get("error").get("code").stringValue()).isEqualTo("bad_request");
    assertThat(answer.body()).doesNotContain("0123456789");
    assertThat(SECRET.get()).isEqualTo(FIRST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{\"nonce\":\"" + NONCE + "\"}",
        "{\"nonce\":\"" + NONCE + "\",\"names\":\"GATEWAY_SECRET\"}",
        "{\"nonce\":\"" + NONCE + "=\",\"names\":[]}",
        "{\"nonce\":\"short\",\"names\":[]}",
        "{\"names\":[\"GATEWAY_SECRET\"]}"
      })
  void whatIsNoQuestionIsRefused(String body) throws Exception {
    assertRefused(send("POST", "Bearer " + TOKEN, body));
  }

  @Test
  void itAsksForTheToken() throws Exception {
    for (String method : List.of("POST", "PUT", "GET")) {
      for (String authorization : List.of("", "Bearer other", "Bearer " + FIRST)) {
        HttpResponse<String> answer =
            send(method, authorization, "{\"GATEWAY_SECRET\":\"" + OTHER + "\"}");
        assertThat(answer.statusCode()).as(method + authorization).isEqualTo(401);
      }
    }
    assertThat(SECRET.get()).isEqualTo(FIRST);
    HttpResponse<String> read = send("GET", "Bearer " + TOKEN, "");
    assertThat(read.statusCode()).isEqualTo(405);
    assertThat(read.headers().firstValue("Allow")).hasValue("POST, PUT");
  }

  @Test
  void itDoesNotPrint() {
    assertThat(SECRET.toString()).doesNotContain(FIRST);
  }

  private static HttpResponse<String> ask(String nonce, String names) throws Exception {
    return send(
        "POST", "Bearer " + TOKEN, "{\"nonce\":\"%s\",\"names\":[%s]}".formatted(nonce, names));
  }

  private static HttpResponse<String> put(String body) throws Exception {
    return send("PUT", "Bearer " + TOKEN, body);
  }

  private static HttpResponse<String> send(String method, String authorization, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + "/secrets"))
            .method(method, BodyPublishers.ofString(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }
}
