package com.mcpist.edge.gate;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.testkit.Behaviour.answer;
import static com.mcpist.testkit.Behaviour.ofLedger;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.JwtSettings;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests over the wire who gets in. */
class GateTest {
  private static final String RESOURCE = "https://mcp.example.com/mcp";
  private static final String METADATA = "/.well-known/oauth-protected-resource";
  private static final String KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";

  private final Issuer issuer = Issuer.start();
  private final PublicJsonWebKey key = issuer.key("one", "ES256");
  private final AtomicLong nanos = new AtomicLong(7);
  private @Nullable TestEdge started;

  @AfterEach
  void stop() throws IOException {
    issuer.close();
    if (started != null) {
      started.close();
    }
  }

  private TestEdge edge(Authentication authentication, LimitSettings limits) {
    TestEdge edge = TestEdge.start(UnaryOperator.identity(), authentication, limits, nanos::get);
    started = edge;
    edge.first.always(answer(200, ANSWER));
    return edge;
  }

  private TestEdge asksForKeysOrTokens() {
    return edge(required(true, Set.of()), LimitSettings.NONE);
  }

  private Authentication.Required required(boolean keys, Set<String> scopes) {
    return new Authentication.Required(
        URI.create(RESOURCE), keys, new JwtSettings(Issuer.NAME, issuer.jwks(), RESOURCE, scopes));
  }

  private static Authentication.Required keysOnly() {
    return new Authentication.Required(URI.create(RESOURCE), true, null);
  }

  private String token(String subject) {
    return Issuer.token(key, "ES256", Issuer.claims(RESOURCE, subject));
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  @Test
  void whoBringsNothingIsToldWhereToGo() throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    HttpMessage response = edge.call();
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.header("WWW-Authenticate"))
        .contains(
            "Bearer realm=\"mcpist\", resource_metadata=\"https://mcp.example.com"
                + METADATA
                + "/mcp\"");
    assertThat(response.text())
        .contains("\"code\":\"unauthenticated\"", "\"jsonrpc\":\"2.0\"", "\"effect\":\"none\"");
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void theMetadataIsTheEdgesOwn() throws IOException {
    TestEdge edge = edge(required(true, Set.of("mcp")), LimitSettings.NONE);
    for (String path : List.of(METADATA, METADATA + "/mcp")) {
      String page = " HTTP/1.1\r\nHost: localhost\r\nOrigin: https://client.example\r\n\r\n";
      HttpMessage response = RawHttp.exchange(edge.server.port(), "GET " + path + page);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text())
          .isEqualTo(
              "{\"resource\":\"%s\",\"authorization_servers\":[\"%s\"],\"bearer_methods_supported\":[\"header\"],\"scopes_supported\":[\"mcp\"],\"resource_name\":\"MCPist\"}"
                  .formatted(RESOURCE, Issuer.NAME));
      assertThat(response.header("Access-Control-Allow-Origin")).contains("*");
      assertThat(response.header("Cache-Control")).contains("max-age=3600");
      assertThat(response.header("X-Content-Type-Options")).contains("nosniff");
    }
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void withKeysAloneThereIsNoIssuerToSendAnybodyTo() throws IOException {
    TestEdge edge = edge(keysOnly(), LimitSettings.NONE);
    assertThat(edge.get(METADATA).status()).isEqualTo(404);
    assertThat(edge.call().header("WWW-Authenticate")).contains("Bearer realm=\"mcpist\"");
    assertThat(edge.call(bearer(token("alice"))).status()).isEqualTo(401);
  }

  @Test
  void theSubjectOfATokenIsTheUserAndTheTokenStaysHere() throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    String forged = "\nX-User-Id: mallory\nX-Gateway-Secret: guessed";
    assertThat(edge.call(bearer(token("auth0|alice")) + forged).status()).isEqualTo(200);
    HttpMessage seen = edge.first.requests().getFirst();
    assertThat(seen.headers("X-User-Id")).containsExactly("auth0|alice");
    assertThat(seen.headers("X-Gateway-Secret")).containsExactly(TestEdge.SECRET);
    assertThat(seen.headers("Authorization")).isEmpty();
  }

  @Test
  void aKeyGoesToTheOriginsWhichKnowIt() throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    assertThat(edge.call("authorization: bEARER " + KEY).status()).isEqualTo(200);
    HttpMessage seen = edge.first.requests().getFirst();
    assertThat(seen.headers("X-User-Id")).containsExactly("key:da5f49834b5ed411");
    assertThat(seen.headers("Authorization")).containsExactly("bEARER " + KEY);
  }

  @Test
  void anOriginsNoIsTheEdgesChallenge() throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    edge.first.always(ofLedger(401, "{}"));
    HttpMessage response = edge.call(bearer(KEY));
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.headers("WWW-Authenticate"))
        .hasSize(1)
        .first()
        .asString()
        .contains("resource_metadata=", "error=\"invalid_token\"");
    assertThat(edge.second.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b.c", "a", "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOg"})
  void whatIsNoKeyAndNoTokenIsRefused(String token) throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    HttpMessage response = edge.call(bearer(token));
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.header("WWW-Authenticate").orElseThrow())
        .contains("error=\"invalid_token\"");
    assertThat(response.toString() + response.text()).doesNotContain("a.b.c", "3RdMO");
    assertThat(edge.first.requests()).isEmpty();
  }

  /** A client that is told of a bad request keeps its token, which may be good. */
  @ParameterizedTest
  @ValueSource(strings = {"", "a.b.c, Bearer d.e.f", KEY + "\nAuthorization: Bearer " + KEY})
  void whatIsNotOneTokenIsABadRequest(String tokens) throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    assertBadRequest(edge, edge.call(bearer(tokens)));
  }

  private static void assertBadRequest(TestEdge edge, HttpMessage response) {
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("WWW-Authenticate").orElseThrow())
        .contains("resource_metadata=", "error=\"invalid_request\"", "error_description=");
    assertThat(response.text()).contains("\"code\":\"invalid_request\"", "\"jsonrpc\":\"2.0\"");
    assertThat(response.toString() + response.text()).doesNotContain("a.b.c", KEY, "bWU6");
    assertThat(edge.first.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic bWU6bWU=", "a.b.c", "Bearerish a.b.c", ""})
  void anotherSchemeIsAsNone(String value) throws IOException {
    HttpMessage response = asksForKeysOrTokens().call("Authorization: " + value);
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.header("WWW-Authenticate").orElseThrow()).doesNotContain("error");
    assertThat(response.text()).contains("\"code\":\"unauthenticated\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=b&access_token=", "access%5Ftoken="})
  void aTokenInTheQueryIsNoToken(String query) throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    String path = "/mcp?" + query + token("alice");
    for (String header : List.of("", bearer(token("alice")))) {
      String request = RawHttp.post(path, header, TestEdge.CALL);
      assertBadRequest(edge, RawHttp.exchange(edge.server.port(), request));
    }
  }

  @Test
  void tooLittleScopeIsForbidden() throws IOException {
    TestEdge edge = edge(required(true, Set.of("mcp")), LimitSettings.NONE);
    HttpMessage response = edge.call(bearer(token("alice")));
    assertThat(response.status()).isEqualTo(403);
    assertThat(response.header("WWW-Authenticate").orElseThrow())
        .contains("scope=\"mcp\"", "error=\"insufficient_scope\"");
    assertThat(response.text()).contains("\"code\":\"insufficient_scope\"");
  }

  @Test
  void aNewKeyOfTheIssuersIsFoundWhileItsFirstTokenWaits() throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    assertThat(edge.call(bearer(token("alice"))).status()).isEqualTo(200);
    PublicJsonWebKey later = issuer.key("later", "RS256");
    String token = Issuer.token(later, "RS256", Issuer.claims(RESOURCE, "alice"));
    assertThat(edge.call(bearer(token)).status()).as("asked a moment ago").isEqualTo(401);
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(edge.call(bearer(token)).status()).isEqualTo(200);
    assertThat(issuer.server().requests()).hasSize(2);
  }

  @Test
  void withoutAnyKeyItIsToldWhenToComeAgain() throws IOException {
    issuer.server().always(Behaviour.status(404));
    TestEdge edge = asksForKeysOrTokens();
    HttpMessage response = edge.call(bearer(token("alice")));
    assertThat(response.header("Retry-After")).contains("5");
    assertThat(response.text()).contains("\"code\":\"auth_unavailable\"");
    assertThat(edge.first.requests()).isEmpty();
  }

  @Test
  void aRequestBehindOneThatWaitsForTheIssuerIsAnsweredAfterIt() throws IOException {
    issuer.server().next(Behaviour.drip(jwks(key), 64, Duration.ofMillis(5)));
    TestEdge edge = asksForKeysOrTokens();
    String request = RawHttp.post("/mcp", bearer(token("alice")), TestEdge.CALL);
    try (RawHttp http = RawHttp.connect(edge.server.port())) {
      http.send(request + RawHttp.post("/mcp", "", TestEdge.CALL));
      assertThat(http.read().status()).isEqualTo(200);
      assertThat(http.read().status()).isEqualTo(401);
    }
  }

  @Test
  void aBodyWhereNoneBelongsTakesNoRoom() throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    edge.first.always(answer(200, "{\"status\":\"ok\"}"));
    for (String path : List.of("/health", METADATA)) {
      String head = " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
      HttpMessage response =
          RawHttp.exchange(edge.server.port(), "GET " + path + head + "x".repeat(100_000));
      assertThat(response.status()).isEqualTo(200);
    }
    assertThat(edge.first.requests())
        .singleElement()
        .satisfies(r -> assertThat(r.body()).isEmpty());
  }

  @Test
  void whileTheIssuerIsSlowNothingIsLost() throws IOException {
    issuer.forget();
    String body = TestEdge.CALL + " ".repeat(300_000);
    issuer.server().next(Behaviour.drip(jwks(key), 64, Duration.ofMillis(2)));
    TestEdge edge = asksForKeysOrTokens();
    assertThat(edge.post(bearer(token("alice")), body).status()).isEqualTo(200);
    assertThat(edge.first.requests().getFirst().body()).hasSize(body.length());
  }

  private static Behaviour.Answer jwks(PublicJsonWebKey key) {
    return answer(200, new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
  }

  @Test
  void knownKeysOutliveTheirIssuer() throws IOException {
    TestEdge edge = asksForKeysOrTokens();
    assertThat(edge.call(bearer(token("alice"))).status()).isEqualTo(200);
    issuer.server().refuse();
    assertThat(edge.call(bearer(token("bob"))).status()).isEqualTo(200);
    PublicJsonWebKey unknown = Issuer.unpublished("unknown", "ES256");
    String token = Issuer.token(unknown, "ES256", Issuer.claims(RESOURCE, "mallory"));
    assertThat(edge.call(bearer(token)).status()).isEqualTo(401);
  }

  @Test
  void anIssuerThatSendsElsewhereOrTooMuchIsNotBelieved() throws IOException {
    issuer
        .server()
        .always(
            new Behaviour.Answer(302, Map.of("Location", issuer.jwks().toString()), new byte[0]));
    TestEdge edge = asksForKeysOrTokens();
    assertThat(edge.call(bearer(token("alice"))).text()).contains("auth_unavailable");
    assertThat(issuer.server().requests()).hasSize(1);
  }
}
