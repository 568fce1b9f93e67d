package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Requests that are wrong get a clear answer, and the next request is served as ever. */
class BadInputTest {
  private static final Connections.Limits QUICK =
      new Connections.Limits(
          4096,
          Connections.Limits.DEFAULT.maxBodyBytes(),
          Duration.ofMillis(300),
          Duration.ofSeconds(60));
  private static final String GOOD =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
          + "\"params\":{\"name\":\"add\",\"arguments\":{\"a\":1,\"b\":2}}}";
  private static TestOrigin origin;

  @BeforeAll
  static void start() {
    origin = new TestOrigin();
  }

  @AfterAll
  static void stop() {
    origin.close();
  }

  private static String post(String headers, String body) {
    return RawHttp.post(
        "/mcp", "X-User-Id: local\nX-Gateway-Secret: " + TestOrigin.SECRET + headers, body);
  }

  private static HttpMessage send(String headers, String body) throws IOException {
    return RawHttp.exchange(origin.port(), post(headers, body));
  }

  @AfterEach
  void theNextRequestIsServed() throws IOException {
    HttpMessage next = send("", GOOD);
    assertThat(next.status()).isEqualTo(200);
    assertThat(next.text()).contains("\"sum\":3");
  }

  static Stream<Arguments> bodies() {
    String deep = "[".repeat(3000) + "]".repeat(3000);
    return Stream.of(
        Arguments.of("", 400, -32700),
        Arguments.of("{\"jsonrpc\":", 400, -32700),
        Arguments.of(GOOD + GOOD, 400, -32700),
        Arguments.of(GOOD.replace("\"b\":2", "\"b\":" + deep), 400, -32600),
        Arguments.of(GOOD.replace("\"b\":2", "\"b\":" + "9".repeat(5000)), 400, -32600),
        Arguments.of(GOOD.replace("\"b\":2", "\"b\":NaN"), 400, -32700),
        Arguments.of(GOOD.replace("\"a\":1", "\"a\":1,\"a\":3"), 400, -32700),
        Arguments.of("[" + "1,".repeat(300_000) + "1]", 400, -32600),
        Arguments.of("5", 400, -32600),
        Arguments.of("null", 400, -32600),
        Arguments.of("\"tools/list\"", 400, -32600),
        Arguments.of("{}", 400, -32600),
        Arguments.of(GOOD.replace("2.0", "1.0"), 400, -32600),
        Arguments.of(GOOD.replace("\"id\":1", "\"id\":null"), 400, -32600),
        Arguments.of(GOOD.replace("\"id\":1", "\"id\":[1]"), 400, -32600),
        Arguments.of(GOOD.replace("\"id\":1", "\"id\":\"" + "x".repeat(1_025) + "\""), 400, -32600),
        Arguments.of(GOOD.replace("\"id\":1", "\"id\":1.5"), 400, -32600),
        Arguments.of(GOOD.replace("\"tools/call\"", "7"), 400, -32600),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", 400, -32602),
        Arguments.of("[]", 400, -32600),
        Arguments.of("[" + (GOOD + ",").repeat(50) + GOOD + "]", 400, -32600),
        Arguments.of(GOOD.replace("tools/call", "tools/cull"), 200, -32601),
        Arguments.of(GOOD.replace("\"add\"", "\"subtract\""), 200, -32602),
        Arguments.of(GOOD.replace("\"add\"", "[]"), 200, -32602),
        Arguments.of(GOOD.replace("{\"a\":1,\"b\":2}", "\"a\""), 200, -32602),
        Arguments.of(GOOD.replace("\"a\":1", "\"a\":\"one\""), 200, -32602),
        Arguments.of(GOOD.replace("\"a\":1", "\"a\":1e400"), 200, -32602),
        Arguments.of(GOOD.replace("\"a\":1", "\"c\":1"), 200, -32602));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void aWrongBodyIsNamed(String body, int status, int code) throws IOException {
    HttpMessage answer = send("", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    ObjectNode json = Definitions.json(answer.text());
    assertThat(json.path("error").path("code").asInt()).isEqualTo(code);
    assertThat(json.path("error").path("message").asString()).isNotEmpty();
    assertThat(answer.text()).doesNotContain("Exception").doesNotContain("jackson");
  }

  @Test
  void theErrorNamesTheFieldAndTheReason() throws IOException {
    assertThat(send("", GOOD.replace("\"a\":1", "\"a\":\"one\"")).text())
        .contains("/a: string found, integer expected");
    assertThat(send("", GOOD.replace("\"a\":1,", "")).text())
        .contains("required property 'a' not found");
    ObjectNode newer =
        Definitions.json(
            send("\nMCP-Protocol-Version: 2025-11-25", GOOD.replace("\"a\":1", "\"a\":[]")).text());
    assertThat(newer.path("result").path("isError").asBoolean()).isTrue();
    assertThat(newer.toString()).contains("/a: array found, integer expected");
  }

  @ParameterizedTest
  @CsvSource({
    "Origin: http://evil.example, 403",
    "Origin: null, 403",
    "Origin: http://localhost.evil.example, 403",
    "Origin: http://localhost:5173, 200",
    "Origin: //localhost, 403",
    "Origin: http://evil@localhost, 403",
    "MCP-Protocol-Version: 1999-01-01, 400",
    "MCP-Protocol-Version: 2026-07-28, 400",
    "Accept: text/html, 406",
    "Accept: application/json, 200",
    "X-Attempt: two, 400",
    "X-Deadline: -1, 400",
    "Idempotency-Key: a key, 400"
  })
  void aWrongHeaderIsNamed(String header, int status) throws IOException {
    HttpMessage answer = send("\n" + header, GOOD);
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.text()).isNotEmpty().doesNotContain("Exception");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:8000, 200",
    "127.0.0.1:8000, 200",
    "[::1]:8000, 200",
    "evil.example, 421",
    "evil.example:8000, 421",
    "localhost.evil.example, 421"
  })
  void withoutASecretItIsAskedByNamesOfThisMachineOnly(String host, int status) throws IOException {
    try (TestOrigin open =
        new TestOrigin(Connections.Limits.DEFAULT, AcceptedSecrets.notRequired())) {
      String request = post("", GOOD).replace("Host: localhost", "Host: " + host);
      assertThat(RawHttp.exchange(open.port(), request).status()).isEqualTo(status);
      String health = "GET /health HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
      assertThat(RawHttp.exchange(open.port(), health).status()).isEqualTo(200);
    }
  }

  @Test
  void anotherContentTypeIsRefused() throws IOException {
    assertThat(
            RawHttp.exchange(
                    origin.port(), post("", GOOD).replace("application/json", "text/plain"))
                .status())
        .isEqualTo(415);
    String utf8 = post("", GOOD).replace("application/json", "application/json; charset=utf-8");
    assertThat(RawHttp.exchange(origin.port(), utf8).status()).isEqualTo(200);
  }

  @Test
  void aLargeBodyIsRefusedWhetherItsLengthIsSaidOrNot() throws IOException {
    String large = GOOD + " ".repeat(5 * 1024 * 1024);
    assertThat(send("", large).status()).isEqualTo(413);
    String head =
        post("", "")
            .replace("Content-Length: 0", "Transfer-Encoding: chunked")
            .replace("\r\n\r\n", "\r\n\r\n" + Integer.toHexString(large.length()) + "\r\n");
    try (RawHttp http = RawHttp.connect(origin.port())) {
      assertThat(http.send(head + large + "\r\n0\r\n\r\n").read().status()).isEqualTo(413);
      assertThat(http.send(post("", GOOD)).read().status())
          .as("the connection goes on")
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32"})
  void aBodyInAnotherEncodingIsNamed(String charset) throws IOException {
    byte[] bytes = GOOD.getBytes(Charset.forName(charset));
    String head = post("", "").replace("Content-Length: 0", "Content-Length: " + bytes.length);
    try (RawHttp http = RawHttp.connect(origin.port())) {
      HttpMessage answer = http.send(head).send(bytes).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).contains("-32700", "UTF-8");
    }
  }

  /** An overlong slash, half of a surrogate pair, a byte that begins nothing, and one cut short. */
  @ParameterizedTest
  @ValueSource(strings = {"C0AF", "EDA080", "80", "E282"})
  void bytesThatAreNoUtf8AreNamed(String hex) throws IOException {
    byte[] bytes = GOOD.replace("\"b\":2", "\"b\":2,\"@\":1").getBytes(StandardCharsets.US_ASCII);
    bytes = HexFormat.of().parseHex(HexFormat.of().formatHex(bytes).replace("40", hex));
    String head = post("", "").replace("Content-Length: 0", "Content-Length: " + bytes.length);
    try (RawHttp http = RawHttp.connect(origin.port())) {
      HttpMessage answer = http.send(head).send(bytes).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).contains("-32700", "UTF-8");
    }
  }

  @Test
  void aBodyOfAllowedSizeIsTaken() throws IOException {
    String text = "x".repeat(4 * 1024 * 1024 - 300);
    String body = GOOD.replace("\"add\"", "\"echo\"").replace("\"b\":2", "\"b\":\"" + text + "\"");
    assertThat(send("", body).status()).isEqualTo(200);
  }

  @Test
  void whatIsNotHttpIsRefused() throws IOException {
    assertThat(RawHttp.exchange(origin.port(), "NONSENSE\r\n\r\n").status()).isEqualTo(400);
    String many = "X-Filler: " + "x".repeat(20_000) + "\r\n";
    assertThat(
            RawHttp.exchange(origin.port(), "GET /health HTTP/1.1\r\nHost: a\r\n" + many + "\r\n")
                .status())
        .isEqualTo(431);
    assertThat(
            RawHttp.exchange(origin.port(), "GET /" + "x".repeat(9000) + " HTTP/1.1\r\n\r\n")
                .status())
        .isEqualTo(414);
  }

  @Test
  void aRequestThatComesByteByByteIsCutOff() throws IOException {
    try (TestOrigin quick = new TestOrigin(QUICK);
        RawHttp head = RawHttp.connect(quick.port());
        RawHttp body = RawHttp.connect(quick.port())) {
      head.send("POST /mcp HTTP/1.1\r\nX-Slow: ");
      body.send(
          "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
              + "X-User-Id: local\r\nX-Gateway-Secret: "
              + TestOrigin.SECRET
              + "\r\nContent-Length: 1000\r\n\r\n");
      assertCutOff(head);
      assertCutOff(body);
    }
  }

  private static void assertCutOff(RawHttp slow) {
    // Writing on goes wrong once the other side has closed.
    Conditions.await(
        "the connection is cut off",
        () -> {
          try {
            slow.send("x");
            return slow.closesWithin(Duration.ofMillis(50));
          } catch (IOException e) {
            return true;
          }
        });
  }
}
