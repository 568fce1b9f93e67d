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

/** Many large bodies at once, each a little less than a sixteenth of the budget. */
class BodiesTest {
  private static final int LARGE = (int) (Runtime.getRuntime().maxMemory() / 8 * 3 / 16);
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";

  private final TestOrigin origin =
      new TestOrigin(
          new Connections.Limits(4096, LARGE, Duration.ofMinutes(1), Duration.ofMinutes(1)));

  private final List<RawHttp> begun = new ArrayList<>();

  @AfterEach
  void stop() {
    origin.close();
  }

  @Test
  void whatHasNoRoomIsToldSoBeforeItIsReadAndSmallOnesHaveRoom() throws IOException {
    try {
      for (int i = 0; i < 7; i++) {
        begin("eve");
      }
      assertRefused("eve", 429, "rate_limited");
      for (int i = 7; i < 11; i++) {
        begin("user" + i);
      }
      HttpMessage full = assertRefused("ann", 503, "overloaded");
      assertThat(full.header("X-Not-Run")).contains("overloaded");
      assertThat(ping("ann").status()).as("a small one").isEqualTo(200);
      assertThat(ping("eve").status()).as("a small one").isEqualTo(200);
    } finally {
      for (RawHttp http : begun) {
        http.reset();
      }
    }
    Conditions.await(
        "what broke off has given its room back", () -> origin.server.budget.held() == 0);
  }

  /** Begins a large request that never ends: far less than memory could hold. */
  private void begin(String user) throws IOException {
    RawHttp http = RawHttp.connect(origin.port());
    begun.add(http);
    http.send(head(user, LARGE));
    // Its room is taken by its head alone: once another one has been answered, that has been read.
    assertThat(ping(user).status()).isEqualTo(200);
  }

  private HttpMessage assertRefused(String user, int status, String code) throws IOException {
    HttpMessage refusal = RawHttp.exchange(origin.port(), head(user, LARGE));
    assertThat(refusal.status()).isEqualTo(status);
    assertThat(refusal.header("Retry-After")).contains("1");
    assertThat(refusal.text()).contains("\"jsonrpc\":\"2.0\"", code);
    return refusal;
  }

  private HttpMessage ping(String user) throws IOException {
    return RawHttp.exchange(origin.port(), head(user, PING.length()) + PING);
  }

  private static String head(String user, int length) {
    String headers = "X-User-Id: " + user + "\nX-Gateway-Secret: " + TestOrigin.SECRET;
    return RawHttp.post("/mcp", headers, "")
        .replace("Content-Length: 0", "Content-Length: " + length);
  }
}
