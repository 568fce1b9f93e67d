package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests bodies that a client sends: whole, chunked, too large, and only when asked for. */
class RequestBodyTest {
  private static final String LARGE = "x".repeat(100_000);
  private final TestEdge edge = TestEdge.start();

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  @Test
  void aChunkedBodyIsForwardedWithALength() throws IOException {
    edge.first.always(answer(200, ANSWER));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      client.send(
          """
          POST /mcp HTTP/1.1\r
          Host: a\r
          Transfer-Encoding: chunked\r
          \r
          6;ext=1\r
          {"json\r
          5\r
          rpc":\r
          1\r
          }\r
          0\r
          X-Trailer: a\r
          \r
          """);
      assertThat(client.read().text()).isEqualTo(ANSWER);
      assertThat(client.send(RawHttp.post("/mcp", "", CALL)).read().text()).isEqualTo(ANSWER);
    }
    HttpMessage request = edge.first.requests().getFirst();
    assertThat(request.text()).isEqualTo("{\"jsonrpc\":}");
    assertThat(request.header("Content-Length")).contains("12");
    assertThat(request.header("X-Trailer")).isEmpty();
  }

  @Test
  void aBodyAsLargeAsIsTakenArrivesWhole() throws IOException {
    edge.first.always(answer(200, ANSWER));
    String body = "{\"a\":\"" + "x".repeat(4 * 1024 * 1024 - 8) + "\"}";
    assertThat(edge.post("", body).text()).isEqualTo(ANSWER);
    assertThat(edge.first.requests().getFirst().text()).isEqualTo(body);
  }

  @Test
  void aServerThatDoesNotSayThatItTakesALargeBodyGetsIt() throws IOException {
    edge.first.onExpect("").always(answer(200, ANSWER));
    assertThat(edge.post("", LARGE).text()).isEqualTo(ANSWER);
    assertThat(edge.origins.failures).isEmpty();
  }

  @Test
  void nothingOfALargeBodyIsSentToAServerThatDoesNotTakeIt() throws IOException {
    edge.first.onExpect(
        "HTTP/1.1 429 Too Many Requests\r\nX-Ledger: kept\r\nContent-Length: 0\r\n\r\n");
    assertThat(edge.post("", LARGE).status()).isEqualTo(429);
    Conditions.await("the connection is closed", () -> edge.first.openConnections() == 0);
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedAndTheConnectionGoesOn() throws IOException {
    edge.first.always(answer(200, ANSWER));
    String body = "x".repeat(5 * 1024 * 1024);
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      HttpMessage response = client.send(RawHttp.post("/mcp", "", body)).read();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.text()).contains("body_too_large", "\"jsonrpc\":\"2.0\"");
      client.send(
          "POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n500000\r\n"
              + body.substring(0, 0x500000)
              + "\r\n0\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(413);
      assertThat(client.send(RawHttp.post("/mcp", "", CALL)).read().text()).isEqualTo(ANSWER);
    }
    assertThat(edge.first.requests()).hasSize(1);
  }

  @Test
  void aClientThatAsksBeforeItSendsIsAnswered() throws IOException {
    edge.first.always(answer(200, ANSWER));
    try (RawHttp client = RawHttp.connect(edge.server.port())) {
      String head = "POST /mcp HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ";
      client.send(head + CALL.length() + "\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.send(CALL).read().text()).isEqualTo(ANSWER);
      client.send(head + "5000000\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(413);
    }
    assertThat(edge.first.requests().getFirst().header("Expect")).isEmpty();
  }
}
