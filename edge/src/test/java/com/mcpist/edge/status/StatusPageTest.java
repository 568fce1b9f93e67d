package com.mcpist.edge.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.fixture.Watcher;
import com.mcpist.edge.gate.AdminToken;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.status.StatusPage.Access;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StatusPageTest {
  private static final String TOKEN = "an-admin-token-of-some-length";
  private static final AdminToken ADMIN = new AdminToken(TOKEN);
  private static final Access SIGNED_IN = new Access(ADMIN, false, false);
  private static final Access LOCAL = new Access(null, true, false);
  private static final Answer RENDERED =
      new Answer(
          200,
          Map.of(
              "Content-Type",
              "text/html; charset=utf-8",
              "Content-Security-Policy",
              "default-src 'none'; img-src data:"),
          "<p>the page</p>".getBytes(StandardCharsets.UTF_8));

  private TestEdge edge = TestEdge.showing(SIGNED_IN);

  @AfterEach
  void stop() throws IOException {
    edge.close();
  }

  private void restart(Access access) throws IOException {
    edge.close();
    edge = TestEdge.showing(access);
    edge.first.always(RENDERED);
  }

  private HttpMessage get(String target, String... headers) throws IOException {
    return RawHttp.exchange(
        edge.server.port(),
        "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n".formatted(target, lines(headers)));
  }

  private static String lines(String... headers) {
    return headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
  }

  private HttpMessage signIn(String form, String headers) throws IOException {
    return RawHttp.exchange(edge.server.port(), RawHttp.post("/status/sign-in", headers, form));
  }

  private static String cookie(HttpMessage response) {
    return "Cookie: " + response.header("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  private static JsonNode asked(FaultServer origin) {
    return JsonMapper.shared().readTree(origin.requests().getLast().body());
  }

  @Test
  void withoutASessionThereIsAFormToSignIn() throws IOException {
    for (String path : List.of("/status", "/status/events", "/status?call=1")) {
      HttpMessage form = get(path);
      assertThat(form.status()).isEqualTo(401);
      assertThat(form.header("WWW-Authenticate")).isEmpty();
      assertThat(form.header("Content-Type")).contains("text/html; charset=utf-8");
      assertThat(form.header("Cache-Control")).contains("no-store");
      assertThat(form.header("Content-Security-Policy").orElseThrow())
          .startsWith("default-src 'none'; style-src 'sha256-")
          .contains("form-action 'self'");
      assertThat(form.text())
          .contains("<html lang=\"en\">", "action=\"/status/sign-in\"", "Admin token")
          .doesNotContain("role=\"alert\"");
    }
    assertThat(get("/status", "Accept-Language: ja-JP,en;q=0.5").text())
        .contains("<html lang=\"ja\">", "管理者トークン");
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void theTokenGivesACookieThatShowsThePage() throws IOException {
    edge.first.always(RENDERED);
    HttpMessage signedIn = signIn("token=" + TOKEN, "Origin: http://localhost");
    assertThat(signedIn.status()).isEqualTo(303);
    assertThat(signedIn.header("Location")).contains("/status");
    assertThat(signedIn.header("Set-Cookie").orElseThrow())
        .matches(
            "mcpist-status=[0-9]{10}\\.[A-Za-z0-9_-]{43}; Max-Age=43200; Path=/status; HttpOnly;"
                + " SameSite=Strict");

    HttpMessage page = get("/status?call=%20key-1%26", cookie(signedIn));
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text()).isEqualTo("<p>the page</p>");
    assertThat(page.header("Content-Security-Policy"))
        .contains("default-src 'none'; img-src data:");
    assertThat(page.header("X-Content-Type-Options")).contains("nosniff");
    assertThat(page.header("Cache-Control")).contains("no-store");
    assertThat(asked(edge.first).path("signedIn").asBoolean()).isTrue();
    assertThat(asked(edge.first).path("call").asString()).isEqualTo("key-1&");

    HttpMessage out =
        RawHttp.exchange(edge.server.port(), RawHttp.post("/status/sign-out", "", ""));
    assertThat(out.status()).isEqualTo(303);
    assertThat(out.header("Set-Cookie").orElseThrow())
        .startsWith("mcpist-status=; Max-Age=0; Path=/status;");
  }

  @Test
  void nothingButTheTokenSignsIn() throws IOException {
    for (String form : List.of("token=wrong", "token=" + TOKEN + "x", "", "token=%", TOKEN)) {
      HttpMessage again = signIn(form, "");
      assertThat(again.status()).as(form).isEqualTo(401);
      assertThat(again.header("Set-Cookie")).isEmpty();
      assertThat(again.text()).contains("role=\"alert\"", "This is not the admin token.");
    }
    assertThat(signIn("token=" + TOKEN, "Origin: https://evil.example").status()).isEqualTo(403);
    assertThat(signIn("token=" + TOKEN, "Origin: null").status()).isEqualTo(403);
    assertThat(signIn("token=" + TOKEN + "&x=" + "x".repeat(4_096), "").status()).isEqualTo(413);
  }

  @Test
  void whatIsTooLongTakesNoRoom() throws IOException {
    String head = "POST /status/sign-in HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n";
    HttpMessage refused =
        RawHttp.exchange(edge.server.port(), head + "Content-Length: 4097\r\n\r\n");
    assertThat(refused.status()).as("nobody is asked to send it").isEqualTo(413);
  }

  @ParameterizedTest
  @CsvSource({
    "cross-site, no-cors, empty, 403",
    "cross-site, no-cors, image, 403",
    "cross-site, navigate, iframe, 403",
    "cross-site, navigate, document, 200",
    "same-origin, cors, empty, 200",
    "none, navigate, document, 200",
  })
  void pagesOfOtherSitesMayOnlyLinkToIt(String site, String mode, String destination, int status)
      throws IOException {
    restart(LOCAL);
    HttpMessage answer =
        get(
            "/status",
            "Sec-Fetch-Site: " + site,
            "Sec-Fetch-Mode: " + mode,
            "Sec-Fetch-Dest: " + destination);
    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void aCookieOfAnotherTokenOrTimeOrNoneAtAllIsRefused() throws IOException {
    InstantSource now = InstantSource.system();
    InstantSource before = InstantSource.offset(now, Duration.ofHours(-12).minusSeconds(1));
    String good = new Session(ADMIN, now).begin(true).split("[=;]", 3)[1];
    String signature = good.substring(good.indexOf('.'));
    edge.first.always(RENDERED);
    assertThat(get("/status", "Cookie: mcpist-status=" + good).status()).isEqualTo(200);
    for (String bad :
        List.of(
            new Session(ADMIN, before).begin(true).split("[=;]", 3)[1],
            new Session(new AdminToken("another"), now).begin(true).split("[=;]", 3)[1],
            "9999999999" + signature,
            "0" + good,
            good + "=",
            good.substring(0, good.length() - 1),
            signature,
            "")) {
      assertThat(get("/status", "Cookie: mcpist-status=" + bad).status()).as(bad).isEqualTo(401);
    }
  }

  @Test
  void aProgramHasTheTokenInAHeader() throws IOException {
    edge.first.always(RENDERED);
    assertThat(get("/status", "Authorization: Bearer " + TOKEN).status()).isEqualTo(200);
    assertThat(asked(edge.first).path("signedIn").asBoolean()).isFalse();
    assertThat(get("/status", "Authorization: Bearer " + TOKEN + "x").status()).isEqualTo(401);
  }

  @Test
  void theCookieIsSecureUnlessTheHostIsThisMachine() throws IOException {
    String request =
        "POST /status/sign-in HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\ntoken=%s"
            .formatted("a:443", TOKEN.length() + 6, TOKEN);
    assertThat(RawHttp.exchange(edge.server.port(), request).header("Set-Cookie").orElseThrow())
        .endsWith("; SameSite=Strict; Secure");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Forwarded: for=1", "X-Forwarded-For: ::1", "CF-Connecting-IP: ::1"})
  void whoSitsAtTheMachineSeesItAndNobodyBehindAProxy(String forwarded) throws IOException {
    restart(LOCAL);
    assertThat(get("/status").text()).isEqualTo("<p>the page</p>");
    assertThat(get("/status", forwarded).status()).isEqualTo(404);
    assertThat(get("/status/events", forwarded).status()).isEqualTo(404);
    restart(new Access(ADMIN, true, false));
    assertThat(get("/status", forwarded).status()).isEqualTo(401);
    assertThat(get("/status", forwarded, cookie(signIn("token=" + TOKEN, forwarded))).status())
        .isEqualTo(200);
  }

  @Test
  void onlyABrowserAtTheMachineIsLedToIt() throws IOException {
    assertThat(get("/", "Accept: text/html").status()).isEqualTo(404);
    restart(LOCAL);
    HttpMessage led = get("/", "Accept: text/html,*/*;q=0.8");
    assertThat(led.status()).isEqualTo(303);
    assertThat(led.header("Location")).contains("/status");
    assertThat(get("/", "Accept: */*").status()).isEqualTo(404);
  }

  @Test
  void anEdgeWithoutATokenHasNoneForOthers() throws IOException {
    restart(new Access(null, false, false));
    for (String path : List.of("/status", "/status/events", "/status/public")) {
      assertThat(get(path).status()).as(path).isEqualTo(404);
    }
    assertThat(signIn("token=", "").status()).isEqualTo(404);
    assertThat(get("/status/sign-in").header("Allow")).contains("POST");
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void thePublicPartIsForEverybodyWhereItIsSwitchedOn() throws IOException {
    assertThat(get("/status/public").status()).isEqualTo(404);
    restart(new Access(ADMIN, false, true));
    HttpMessage page = get("/status/public", "Accept-Language: ja");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text()).isEqualTo("<p>the page</p>");
    assertThat(page.header("Cache-Control")).contains("public, max-age=60");
    assertThat(page.header("Vary")).contains("Accept-Language");
    JsonNode asked = asked(edge.first);
    assertThat(asked.path("part").asString()).isEqualTo("public");
    assertThat(asked.path("language").asString()).isEqualTo("ja");
    assertThat(asked.path("live").asBoolean()).isFalse();
  }

  @Test
  void nothingOfTheClientsRequestGoesOn() throws IOException {
    restart(LOCAL);
    get("/status", "X-User-Id: ann", "X-Own: 1", "User-Agent: a-browser", "Idempotency-Key: k");
    HttpMessage request = edge.first.requests().getLast();
    assertThat(request.startLine()).isEqualTo("POST /status HTTP/1.1");
    assertThat(request.header("X-Gateway-Secret")).contains(TestEdge.SECRET);
    assertThat(request.headers().stream().map(each -> each.getKey().toLowerCase(Locale.ROOT)))
        .containsExactlyInAnyOrder(
            "host", "content-type", "content-length", "x-gateway-secret", "connection");
  }

  @Test
  void anotherOriginRendersWhereTheFirstDoesNot() throws IOException {
    restart(LOCAL);
    edge.first.always(Behaviour.status(404));
    edge.second.always(RENDERED);
    assertThat(get("/status").text()).isEqualTo("<p>the page</p>");
  }

  @Test
  void whereNoneDoesTheEdgeSaysSoItself() throws IOException {
    restart(new Access(null, true, true));
    edge.first.refuse();
    edge.second.always(Behaviour.status(503));
    assertThat(get("/status").text()).contains("No origin renders this page");
    assertThat(get("/status/public", "Accept-Language: ja").text()).contains("稼働中");
    edge.origins.inOrder().forEach(each -> edge.origins.failed(each, Failure.REFUSED, ""));
    HttpMessage page = get("/status");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Security-Policy").orElseThrow()).contains("'sha256-");
    assertThat(page.text())
        .contains(
            "<meta http-equiv=\"refresh\" content=\"5\">",
            "No origin answers",
            "<th scope=\"row\">&lt;origin-1&gt;</th><td>unhealthy</td><td>refused, <time",
            "<td>drained</td><td>-</td>");
    assertThat(get("/status", "Accept-Language: ja").text()).contains("応答するオリジンがありません", "切り離し中");
    assertThat(get("/status/public").text()).contains("Down").doesNotContain("origin-1");
    try (Watcher watcher = Watcher.open(edge.server.port(), "?lang=ja")) {
      assertThat(watcher.await("\n\n\r\n")).contains("retry: 1000");
      assertThat(watcher.await("</table>")).contains("event: main\ndata: <h1>");
    }
  }

  @Test
  void otherServersThatAreWellHaveNone() throws IOException {
    restart(new Access(null, true, true));
    edge.origins.keep = false;
    assertThat(get("/status").text()).contains("No origin renders this page");
    assertThat(get("/status/public").text()).contains("Up");
    assertThat(edge.first.requests()).isEmpty();
  }
}
