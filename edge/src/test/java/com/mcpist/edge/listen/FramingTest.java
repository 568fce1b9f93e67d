package com.mcpist.edge.listen;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests where a request ends, and what its head is. No two programs may read them differently. */
class FramingTest {
  private final TestEdge edge = TestEdge.start();

  @AfterEach
  void stop() throws IOException {
    edge.close();
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
        "Content-Length : 5\r\n\r\nhello",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "X-Folded: a\r\n\tb\r\nContent-Length:\r\n 5,\r\n 6\r\n\r\nhello",
        "X-Bare-LF: a\nContent-Length: 0\r\n\r\n",
        "X-No-Colon\r\nContent-Length: 0\r\n\r\n",
        "X-Null: a\u0000b\r\nContent-Length: 0\r\n\r\n",
        "Host: again\r\nContent-Length: 0\r\n\r\n",
        ": no name\r\nContent-Length: 0\r\n\r\n",
        "X(Y: no token\r\nContent-Length: 0\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\nhello",
        "X-Bare-CR: a\rContent-Length: 0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n100000005\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nZ\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"
      })
  void aRequestThatCanBeReadInTwoWaysIsRefused(String rest) throws IOException {
    edge.first.always(answer(200, ANSWER));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(
          "POST /mcp HTTP/1.1\r\nHost: a\r\n" + rest + "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
      client.readIfAny().ifPresent(response -> assertThat(response.status()).isEqualTo(400));
      assertThat(client.readIfAny()).as("nothing after it is a request").isEmpty();
    }
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void aHeaderBeforeTheFirstHeaderIsRefused() throws IOException {
    String head = "POST /mcp HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: a\r\n";
    HttpMessage response =
        RawHttp.exchange(edge.server.port(), head + "Content-Length: 5\r\n\r\nhello");
    assertThat(response.status()).isEqualTo(400);
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void aFoldedHeaderIsForwardedAsOneLine() throws IOException {
    edge.first.always(answer(200, ANSWER));
    edge.call("X-Folded: a\n b\nX-Last: c");
    HttpMessage request = edge.first.requests().getFirst();
    assertThat(request.headers("X-Folded")).containsExactly("a b");
    assertThat(request.headers("X-Last")).containsExactly("c");
  }

  @Test
  void aBodyOfAGetGoesNoFurther() throws IOException {
    edge.first.always(answer(200, "{}"));
    String hidden = "POST /mcp HTTP/1.1\r\nHost: a\r\nX-User-Id: root\r\n\r\n";
    for (String path : new String[] {"/health", "/mcp"}) {
      String head = "GET " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + hidden.length();
      HttpMessage response = RawHttp.exchange(edge.server.port(), head + "\r\n\r\n" + hidden);
      assertThat(response.status()).isEqualTo(200);
    }
    assertThat(edge.first.requests()).hasSize(2).allMatch(r -> r.body().length == 0);
    assertThat(edge.first.requests())
        .allMatch(r -> r.header("Content-Length").orElse("0").equals("0"));
  }

  @Test
  void aRequestWithoutHostIsRefused() throws IOException {
    HttpMessage response = RawHttp.exchange(edge.server.port(), "GET /health HTTP/1.1\r\n\r\n");
    assertThat(response.status()).isEqualTo(400);
  }

  @Test
  void requestsSentTogetherAreAnsweredInOrder() throws IOException {
    edge.first.handle(request -> answer(200, request.text()));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(RawHttp.post("/mcp", "", "{\"a\":1}") + RawHttp.post("/mcp", "", "{\"a\":2}"));
      assertThat(client.read().text()).isEqualTo("{\"a\":1}");
      assertThat(client.read().text()).isEqualTo("{\"a\":2}");
    }
  }

  @Test
  void oldHttpGetsNoStream() throws IOException {
    String request = "POST /mcp HTTP/1.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    assertThat(RawHttp.exchange(edge.server.port(), request).status()).isEqualTo(505);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
        "POST /n HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\n\n\r\n0\r\n\r\n"
      })
  void aHeadOfVeryManyLinesClosesItsConnection(String before) throws IOException {
    String head = before + "POST /mcp HTTP/1.1\r\nHost: a\r\n";
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(head + "a:\r\n".repeat(200));
      if (!before.isEmpty()) {
        client.readIfAny();
      }
      assertThat(client.readIfAny()).isEmpty();
    }
  }

  @Test
  void unfinishedLinesAfterABodyCloseItsConnection() throws IOException {
    String head = "POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(head + "a:\r\n".repeat(1_000));
      assertThat(client.readIfAny()).isEmpty();
    }
  }

  @Test
  void theLinesOfABodyDoNotCount() throws IOException {
    edge.first.handle(request -> answer(200, request.text()));
    String body = "[" + "1,\n".repeat(3_000) + "1]";
    String chunked = "3000\r\n" + "x\n".repeat(6_144) + "\r\n0\r\n\r\n";
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      for (int i = 0; i < 2; i++) {
        client.send(RawHttp.post("/mcp", "", body));
        assertThat(client.read().text()).isEqualTo(body);
        client.send(
            "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + chunked);
        assertThat(client.read().text()).isEqualTo("x\n".repeat(6_144));
      }
    }
  }

  @Test
  void headersAndPathsHaveALength() throws IOException {
    assertThat(edge.call("X-Long: " + "x".repeat(20_000)).status()).isEqualTo(431);
    assertThat(edge.get("/" + "x".repeat(20_000)).status()).isEqualTo(414);
  }
}
