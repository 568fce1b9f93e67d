package com.mcpist.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.testkit.Behaviour.Ending;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultServerTest {

  private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final Behaviour.Answer ANSWER = Behaviour.answer(200, "{\"a\":\"0123456789\"}");

  private final FaultServer server = FaultServer.start();

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void answersInOrderAndKeepsTheConnection() throws IOException {
    server.next(Behaviour.status(503)).always(ANSWER);
    try (RawHttp http = RawHttp.connect(server.port())) {
      assertThat(http.send(GET).read().status()).isEqualTo(503);
      assertThat(http.send(RawHttp.post("/mcp", "X-A: 1\nX-A: 2", "{}")).read().text())
          .isEqualTo("{\"a\":\"0123456789\"}");
    }
    HttpMessage last = server.requests().getLast();
    assertThat(last.method()).isEqualTo("POST");
    assertThat(last.target()).isEqualTo("/mcp");
    assertThat(last.headers("x-a")).containsExactly("1", "2");
    assertThat(last.text()).isEqualTo("{}");
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void aCutBeforeTheResponseIsSeenAsSuch() throws IOException {
    server.next(Behaviour.closeBefore(), Behaviour.resetBefore());
    for (int i = 0; i < 2; i++) {
      try (RawHttp http = RawHttp.connect(server.port())) {
        assertThat(http.send(GET).readIfAny()).isEmpty();
      }
    }
  }

  @Test
  void aBodyEndsInTheMiddle() throws IOException {
    server.next(Behaviour.closeInBody(ANSWER), Behaviour.resetInBody(ANSWER));
    assertThatThrownBy(() -> RawHttp.exchange(server.port(), GET)).isInstanceOf(EOFException.class);
    try (RawHttp http = RawHttp.connect(server.port())) {
      http.send(GET);
      assertThatThrownBy(
              () -> {
                while (http.readByte() >= 0) {
                  assertThat(server.connections()).isEqualTo(2);
                }
              })
          .isInstanceOf(SocketException.class);
    }
  }

  @Test
  void silenceLastsUntilTheClientGivesUp() throws IOException {
    server.next(Behaviour.silent());
    try (RawHttp http = RawHttp.connect(server.port()).patience(Duration.ofMillis(50))) {
      assertThatThrownBy(() -> http.send(GET).read()).isInstanceOf(SocketTimeoutException.class);
    }
    Conditions.await("the server has let go", () -> server.openConnections() == 0);
  }

  @Test
  void streamsEventsAndBreaksThem() throws IOException {
    server.next(
        Behaviour.sse(Ending.COMPLETE, "1", "2"),
        Behaviour.sse(Ending.CLOSE, "1"),
        Behaviour.drip(ANSWER, 7, Duration.ofMillis(1)),
        new Behaviour.Raw("nonsense\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(RawHttp.exchange(server.port(), GET).text()).isEqualTo("data: 1\n\ndata: 2\n\n");
    assertThatThrownBy(() -> RawHttp.exchange(server.port(), GET)).isInstanceOf(EOFException.class);
    assertThat(RawHttp.exchange(server.port(), GET).body()).isEqualTo(ANSWER.body());
    assertThat(RawHttp.exchange(server.port(), GET).startLine()).isEqualTo("nonsense");
  }

  @Test
  void refusesFromTheMomentItSaysSo() throws IOException {
    for (int i = 0; i < 500; i++) {
      server.refuse();
      assertThatThrownBy(() -> RawHttp.exchange(server.port(), GET))
          .as("after %d times", i)
          .hasMessageContaining("refused");
      server.listen();
    }
  }

  @Test
  void refusesAndListensAgain() throws IOException {
    try (RawHttp idle = RawHttp.connect(server.port())) {
      Conditions.await("accepted", () -> server.openConnections() == 1);
      server.refuse();
      assertThat(idle.closesWithin(Conditions.LIMIT)).isTrue();
      assertThatThrownBy(() -> RawHttp.connect(server.port())).hasMessageContaining("refused");
      server.listen();
      assertThat(RawHttp.exchange(server.port(), GET).status()).isEqualTo(200);
    }
  }
}
