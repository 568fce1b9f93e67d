package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy before the origin and the origin see the same requests, or there is none. */
class FramingTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String HEAD =
      "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-User-Id: ada\r\n"
          + "X-Gateway-Secret: "
          + TestOrigin.SECRET
          + "\r\n";
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
  private static final String HIDDEN = "GET /heartbeat HTTP/1.1\r\nHost: a\r\n\r\n";
  private static TestOrigin origin;

  @BeforeAll
  static void start() {
    origin = new TestOrigin();
  }

  @AfterAll
  static void stop() {
    origin.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 99999999999999999999\r\n\r\nhello",
        "Content-Length : 5\r\n\r\nhello",
        "Content-Length:\r\n 5\r\n\r\nhello",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "X-Bare-LF: a\nContent-Length: 0\r\n\r\n",
        "X-Bare-CR: a\rContent-Length: 0\r\n\r\n",
        "X-No-Colon\r\nContent-Length: 0\r\n\r\n",
        ": no name\r\nContent-Length: 0\r\n\r\n",
        "X(Y: no token\r\nContent-Length: 0\r\n\r\n",
        "X-Null: a\u0000b\r\nContent-Length: 0\r\n\r\n",
        "Host: again\r\nContent-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n100000005\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"
      })
  void aRequestThatCanBeReadInTwoWaysIsRefused(String rest) throws IOException {
    try (RawHttp client = RawHttp.connect(origin.port())) {
      client.send(HEAD + rest + HIDDEN);
      Optional<HttpMessage> answer = client.readIfAny();
      answer.ifPresent(a -> assertThat(a.status()).isEqualTo(400));
      assertThat(client.readIfAny()).as("nothing after it is a request").isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST /mcp HTTP/1.1\r\n Folded: before the first\r\nHost: a\r\n\r\n",
        "GET /health\r\n\r\n",
        "GET /health HTTP/1.2\r\nHost: a\r\n\r\n",
        "GET /health\u001b[31m HTTP/1.1\r\nHost: a\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\u0002\r\n\r\n"
      })
  void whatIsNoRequestIsRefusedWithoutABanner(String request) throws IOException {
    try (RawHttp client = RawHttp.connect(origin.port())) {
      client.send(request + HIDDEN);
      Optional<HttpMessage> answer = client.readIfAny();
      answer.ifPresent(FramingTest::assertBare);
      assertThat(client.readIfAny()).as("nothing after it is a request").isEmpty();
    }
  }

  private static void assertBare(HttpMessage answer) {
    assertThat(answer.status()).isIn(400, 501);
    assertThat(answer.header("Server")).isEmpty();
    assertThat(answer.header("X-Powered-By")).isEmpty();
    assertThat(answer.text()).doesNotContainIgnoringCase("vert.x").doesNotContain("Exception");
  }

  @Test
  void whatFollowsARefusedBodyIsNotInIt() throws IOException {
    String body = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    try (RawHttp client = RawHttp.connect(origin.port())) {
      client.send(RawHttp.post("/mcp", "", body) + HEAD + "Content-Length: 40\r\n\r\n" + PING);
      assertThat(client.read().status()).isEqualTo(403);
      assertThat(client.read().text()).contains("\"result\":{}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Open: a\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n"})
  void aHeadOrATrailerOfTooManyLinesIsNotWaitedFor(String begun) throws IOException {
    try (RawHttp client = RawHttp.connect(origin.port())) {
      client.send(HEAD + "Content-Length: 40\r\n\r\n" + PING).read();
      client.send(HEAD + begun + "a:\r\n".repeat(1000));
      assertThat(client.closesWithin(Duration.ofSeconds(5))).isTrue();
    }
  }

  @Test
  void aBodyMayHaveAsManyLinesAsItLikes() throws IOException {
    String lines = "\n".repeat(5000);
    String long5040 = HEAD + "Content-Length: 5040\r\n\r\n" + lines + PING;
    String chunked =
        HEAD + "Transfer-Encoding: chunked\r\n\r\n13b0\r\n" + lines + PING + "\r\n0\r\n\r\n";
    try (RawHttp client = RawHttp.connect(origin.port())) {
      client.send(long5040 + chunked);
      assertThat(client.read().text()).contains("\"result\":{}");
      assertThat(client.read().text()).contains("\"result\":{}");
    }
  }

  @Test
  void itsOwnAnswersAreNotToBeGuessedFramedOrKept() throws IOException {
    for (String path : new String[] {"/health", "/mcp", "/nothing"}) {
      HttpMessage answer =
          RawHttp.exchange(origin.port(), "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(answer.header("X-Content-Type-Options")).as(path).contains("nosniff");
      assertThat(answer.header("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'");
      assertThat(answer.header("Cache-Control")).as(path).contains("no-store");
    }
  }

  @Test
  void moreConnectionsThanTheLimitAreClosed() throws IOException {
    Connections.Limits few =
        new Connections.Limits(3, 1024, Duration.ofMinutes(1), Duration.ofMinutes(1));
    List<RawHttp> clients = new ArrayList<>();
    try (TestOrigin small = new TestOrigin(few)) {
      for (int i = 0; i < 3; i++) {
        RawHttp client = RawHttp.connect(small.port());
        clients.add(client);
        client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n").read();
      }
      try (RawHttp fourth = RawHttp.connect(small.port())) {
        assertThat(fourth.closesWithin(LONG)).isTrue();
      }
    } finally {
      for (RawHttp client : clients) {
        client.close();
      }
    }
  }
}
