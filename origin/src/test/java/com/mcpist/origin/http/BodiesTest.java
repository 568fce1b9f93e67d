package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Many large bodies at once, at an origin whose budget is three bodies or an eighth of the heap.
 */
class BodiesTest {
  private static final int LARGE = 64 * 1024 * 1024;
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";

  private final TestOrigin origin =
      new TestOrigin(
          new Connections.Limits(4096, LARGE, Duration.ofMinutes(1), Duration.ofMinutes(1)));

  @AfterEach
  void stop() {
    origin.close();
  }

  @Test
  void whatHasNoRoomIsToldSoBeforeItIsReadAndSmallOnesHaveRoom() throws IOException {
    List<RawHttp> begun = new ArrayList<>();
    try {
      HttpMessage refusal = fill(begun);
      assertThat(refusal.status()).isEqualTo(503);
      assertThat(refusal.header("X-Not-Run")).contains("overloaded");
      assertThat(refusal.header("Retry-After")).contains("1");
      assertThat(ping().status()).as("a small one").isEqualTo(200);
    } finally {
      for (RawHttp http : begun) {
        http.reset();
      }
    }
    Conditions.await("what broke off has given its room back", this::takesALargeOne);
  }

  /**
   * Begins large requests that never end, until one is refused: far less than memory could hold.
   */
  private HttpMessage fill(List<RawHttp> begun) throws IOException {
    long budget = Math.max(3L * LARGE, Runtime.getRuntime().maxMemory() / 8);
    for (int i = 0; i < budget / LARGE; i++) {
      RawHttp http = RawHttp.connect(origin.port());
      begun.add(http);
      http.send(head(LARGE));
      // Its room is taken by its head alone: once this one has been answered, that has been read.
      assertThat(ping().status()).isEqualTo(200);
    }
    return RawHttp.exchange(origin.port(), head(LARGE));
  }

  private boolean takesALargeOne() throws IOException {
    try (RawHttp http = RawHttp.connect(origin.port()).patience(Duration.ofMillis(200))) {
      http.send(head(LARGE));
      return http.readIfAny().isEmpty();
    } catch (java.net.SocketTimeoutException waitsForTheBody) {
      return true;
    }
  }

  private HttpMessage ping() throws IOException {
    return RawHttp.exchange(origin.port(), head(PING.length()) + PING);
  }

  private static String head(int length) {
    String secret = "X-User-Id: local\nX-Gateway-Secret: " + TestOrigin.SECRET;
    return RawHttp.post("/mcp", secret, "")
        .replace("Content-Length: 0", "Content-Length: " + length);
  }
}
