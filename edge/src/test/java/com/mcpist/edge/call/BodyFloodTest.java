package com.mcpist.edge.call;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.gate.LimitSettings;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.listen.ClientLimits;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests the edge with a client that holds as much as it can, from the one address that all clients
 * have.
 */
class BodyFloodTest {
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int LARGE = 4 * 1024 * 1024;
  private static final String KNOWN = key(1_000);

  private final TestEdge edge =
      TestEdge.start(
          config ->
              new ProxyConfig(
                  config.host(),
                  0,
                  config.waitMillis(),
                  config.connectTimeoutMillis(),
                  60_000,
                  config.attemptMillis(),
                  LARGE,
                  config.replayBufferBytes(),
                  new ClientLimits(4096, 4096, 60_000, 60_000, 24_000, 60_000),
                  config.allowedHosts()),
          new Authentication.Required(URI.create("https://localhost/mcp"), true, null),
          LimitSettings.NONE);
  private final List<RawHttp> clients = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (RawHttp client : clients) {
      client.close();
    }
    edge.close();
  }

  /** Returns a well-formed key, with its checksum. */
  private static String key(int number) {
    String checked = "mcpist_%043d".formatted(number);
    CRC32 sum = new CRC32();
    sum.update(checked.getBytes(StandardCharsets.US_ASCII));
    StringBuilder check = new StringBuilder();
    for (long rest = sum.getValue(); check.length() < 6; rest /= DIGITS.length()) {
      check.insert(0, DIGITS.charAt((int) (rest % DIGITS.length())));
    }
    return "Authorization: Bearer " + checked + check;
  }

  private RawHttp send(String key, int length, int sent) throws IOException {
    RawHttp client = RawHttp.connect(edge.server.port());
    clients.add(client);
    String request = RawHttp.post("/mcp", key, "x".repeat(length));
    return client.send(request.substring(0, request.length() - length + sent));
  }

  private HttpMessage post(String key, int length) throws IOException {
    return edge.post(key, "x".repeat(length));
  }

  @Test
  void keysThatNobodyKnowsKeepNobodyOut() throws IOException {
    edge.first.always(answer(200, ANSWER));
    assertThat(post(KNOWN, 100).status()).isEqualTo(200);
    for (int i = 0; i < 12; i++) {
      send(key(i), LARGE - 1, LARGE - 2);
    }
    for (int i = 0; i < 5; i++) {
      assertThat(post(KNOWN, 100_000).status()).isEqualTo(200);
      assertThat(post(key(100 + i), 100_000).status()).as("one more unknown").isEqualTo(200);
    }
    int refused = 0;
    int cut = 0;
    for (RawHttp client : clients) {
      HttpMessage response = client.patience(Duration.ofSeconds(20)).read();
      assertThat(response.status()).isIn(408, 429);
      assertThat(response.text()).contains("\"jsonrpc\":\"2.0\"");
      if (response.status() == 429) {
        assertThat(response.header("Retry-After")).contains("1");
        refused++;
      } else {
        cut++;
      }
    }
    assertThat(refused).isPositive();
    assertThat(cut).as("long before the limit on a whole body").isPositive();
  }

  @Test
  void whoseToolsAreSlowHoldsOnlyHisShare() throws IOException {
    AtomicInteger held = new AtomicInteger();
    edge.first.handle(
        request ->
            request.body().length == LARGE && held.incrementAndGet() <= 3
                ? Behaviour.silent()
                : answer(200, ANSWER));
    assertThat(post(KNOWN, 100).status()).isEqualTo(200);
    for (int i = 1; i <= 3; i++) {
      send(KNOWN, LARGE, LARGE);
      int calls = i;
      Conditions.await("it is at work", () -> held.get() == calls);
    }
    assertThat(post(KNOWN, LARGE).status()).isEqualTo(429);
    assertThat(post(KNOWN, 1000).status()).as("a small one").isEqualTo(200);
    assertThat(post(key(1), 1_000_000).status()).as("another's").isEqualTo(200);
    clients.forEach(BodyFloodTest::close);
    Conditions.await("nothing is held for who has gone", () -> post(KNOWN, LARGE).status() == 200);
    assertThat(edge.first.openConnections()).as("the calls go on").isGreaterThanOrEqualTo(3);
  }

  private static void close(RawHttp client) {
    try {
      client.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
