package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask for what, with requests that no client library would send. */
class PathsTest {
  private static TestOrigin origin;

  @BeforeAll
  static void start() {
    origin = new TestOrigin();
  }

  @AfterAll
  static void stop() {
    origin.close();
  }

  private static HttpMessage get(String target, String headers) throws IOException {
    return RawHttp.exchange(
        origin.port(), "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }

  private static String secret(String value) {
    return "X-Gateway-Secret: " + value + "\r\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/mcp/../health",
        "/./health",
        "//mcp",
        "//health",
        "/HEALTH",
        "/Health",
        "/health/",
        "/%68ealth",
        "/health%20",
        "/health;a=b",
        "/mcp/",
        "/mcp%2F",
        "/MCP",
        "/%6dcp",
        "/",
        "*",
        "http://localhost/health",
        "/health#a",
        "/heartbeat/",
        "/health%00"
      })
  void noOtherSpellingOfAPathIsThatPath(String target) throws IOException {
    assertThat(get(target, "").status()).isEqualTo(403);
    assertThat(get(target, secret(TestOrigin.SECRET)).status()).isEqualTo(404);
  }

  @Test
  void healthIsForAnyoneAndItsDetailsForThoseWithTheSecret() throws IOException {
    HttpMessage open = get("/health", "");
    assertThat(open.header("X-Ledger")).as("an edge may send calls again").contains("kept");
    assertThat(open.status()).isEqualTo(200);
    assertThat(open.text()).isEqualTo("{\"status\":\"ok\"}");
    assertThat(open.header("Content-Type")).contains("application/json");
    assertThat(open.header("Server")).isEmpty();
    assertThat(get("/health", secret("wrong")).text()).isEqualTo("{\"status\":\"ok\"}");
    assertThat(get("/health?probe=1", secret(TestOrigin.SECRET)).text())
        .isEqualTo("{\"status\":\"ok\",\"release\":\"r1\"}");
  }

  @Test
  void healthSaysWhenTheOriginIsNot() throws IOException {
    origin.healthy.set(false);
    try {
      HttpMessage sick = get("/health", "");
      assertThat(sick.status()).isEqualTo(503);
      assertThat(sick.text()).isEqualTo("{\"status\":\"unhealthy\"}");
    } finally {
      origin.healthy.set(true);
    }
  }

  @Test
  void everySecretThatIsAcceptedOpensAndNoOther() throws IOException {
    assertThat(get("/nothing", secret(TestOrigin.SECRET)).status()).isEqualTo(404);
    assertThat(get("/nothing", secret(TestOrigin.NEXT_SECRET)).status()).isEqualTo(404);
    String both = TestOrigin.SECRET + "," + TestOrigin.NEXT_SECRET;
    for (String headers :
        new String[] {
          "",
          secret(""),
          secret("wrong"),
          secret(TestOrigin.SECRET + "0"),
          secret(both),
          secret(TestOrigin.SECRET) + secret(TestOrigin.SECRET),
          secret("wrong") + secret(TestOrigin.SECRET)
        }) {
      HttpMessage refused = get("/nothing", headers);
      assertThat(refused.status()).as(headers).isEqualTo(403);
      assertThat(refused.header("X-Not-Run")).as(headers).contains("forbidden");
      assertThat(refused.body().length).isLessThan(200);
      assertThat(refused.text()).doesNotContain(TestOrigin.SECRET);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE", "PUT", "OPTIONS", "PROPFIND"})
  void mcpTakesPostsOnly(String method) throws IOException {
    HttpMessage refused =
        RawHttp.exchange(
            origin.port(),
            method + " /mcp HTTP/1.1\r\nHost: a\r\n" + secret(TestOrigin.SECRET) + "\r\n");
    assertThat(refused.status()).isEqualTo(405);
    assertThat(refused.header("Allow")).contains("POST");
  }

  @Test
  void healthTakesNoPost() throws IOException {
    assertThat(RawHttp.exchange(origin.port(), RawHttp.post("/health", "", "{}")).status())
        .isEqualTo(405);
  }
}
