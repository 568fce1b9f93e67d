package com.mcpist.edge.gate;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often who is let in may call, over the wire. */
class GateLimitsTest {
  private static final Authentication KEYS =
      new Authentication.Required(URI.create("https://mcp.example.com/mcp"), true, null);
  private static final String ALICE =
      "Authorization: Bearer mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";
  private static final String BOB =
      "Authorization: Bearer mcpist_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM0-_11i3caD";

  private @Nullable TestEdge started;

  @AfterEach
  void stop() throws IOException {
    if (started != null) {
      started.close();
    }
  }

  /** Its clock stands still. */
  private TestEdge edge(Authentication authentication, LimitSettings limits) {
    TestEdge edge = TestEdge.start(UnaryOperator.identity(), authentication, limits, () -> 7);
    started = edge;
    edge.first.always(answer(200, ANSWER));
    return edge;
  }

  @Test
  void aUserHasHisRateAndOthersHaveTheirs() throws IOException {
    LimitSettings two = new LimitSettings(0, 1, 2, List.of());
    TestEdge edge = edge(KEYS, two);
    edge.call(ALICE);
    edge.call(ALICE);
    HttpMessage response = edge.call(ALICE);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Retry-After")).contains("1");
    assertThat(response.header("RateLimit-Policy")).contains("\"user\";q=1;w=1");
    assertThat(response.header("RateLimit")).contains("\"user\";r=0;t=1");
    assertThat(response.text()).contains("\"id\":7,", "\"code\":\"rate_limited\"");
    assertThat(edge.call(BOB).status()).isEqualTo(200);
  }

  @Test
  void anAddressIsCountedBeforeAnythingElse() throws IOException {
    TestEdge edge = edge(KEYS, new LimitSettings(3, 0, 0, List.of()));
    assertThat(edge.get("/nothing").status()).isEqualTo(404);
    assertThat(edge.call().status()).isEqualTo(401);
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
    for (String header : List.of("", ALICE, "X-Forwarded-For: 198.51.100.7")) {
      HttpMessage response = edge.call(header);
      assertThat(response.status()).isEqualTo(429);
      assertThat(response.header("Retry-After")).contains("20");
    }
    assertThat(edge.get("/nothing").status()).isEqualTo(429);
    assertThat(edge.get("/health").status()).isEqualTo(429);
  }

  @Test
  void whatIsNoRequestCountsToo() throws IOException {
    TestEdge edge = edge(KEYS, new LimitSettings(3, 0, 0, List.of()));
    String longUri = "GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    String longHeader = "GET / HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n";
    for (String bad : List.of("GET /\r\n\r\n", longUri, longHeader)) {
      assertThat(RawHttp.exchange(edge.server.port(), bad).status()).isBetween(400, 431);
    }
    HttpMessage response = RawHttp.exchange(edge.server.port(), longUri);
    assertThat(response.status()).isEqualTo(429);
    assertThat(response.header("Connection")).contains("close");
    assertThat(edge.get("/nothing").status()).isEqualTo(429);
  }

  @Test
  void noAddressHasAllConnections() throws IOException {
    TestEdge edge = edge(new Authentication.Open(true), new LimitSettings(1_000, 0, 0, List.of()));
    List<RawHttp> open = new ArrayList<>();
    int answered = 0;
    try {
      for (int i = 0; i <= RateLimits.MOST_CONNECTIONS; i++) {
        open.add(RawHttp.connect(edge.server.port()));
      }
      for (RawHttp each : open) {
        each.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
        answered += each.readIfAny().isPresent() ? 1 : 0;
      }
    } finally {
      for (RawHttp each : open) {
        each.close();
      }
    }
    assertThat(answered).isEqualTo(RateLimits.MOST_CONNECTIONS);
  }

  @Test
  void aTrustedProxysWordIsTakenForTheAddress() throws IOException {
    LimitSettings limits =
        new LimitSettings(1, 0, 0, List.of(AddressBlock.parse("127.0.0.0/8").orElseThrow()));
    TestEdge edge = edge(new Authentication.Open(true), limits);
    assertThat(edge.call("X-Forwarded-For: 198.51.100.7").status()).isEqualTo(200);
    assertThat(edge.call("X-Forwarded-For: 198.51.100.8").status()).isEqualTo(200);
    assertThat(edge.call("X-Forwarded-For: 1.1.1.1, 198.51.100.8").status()).isEqualTo(429);
  }
}
