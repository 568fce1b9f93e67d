package com.mcpist.e2e.contract;

import static com.mcpist.e2e.contract.ContractRig.ANSWER;
import static com.mcpist.e2e.contract.ContractRig.CALL;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.List;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Every edge lets the same clients in. */
@ParameterizedClass(name = "{0}")
@EnumSource(EdgeKind.class)
class EdgeAuthIT {
  private static final String RESOURCE = "https://mcp.example.com/mcp";
  private static final String METADATA = "/.well-known/oauth-protected-resource";
  private static final String KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";
  private static final String ANOTHER = "mcpist_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM0-_11i3caD";
  private static final String MADE_UP = "mcpist_0123456789-_zyxwvutsrqponmlkjihgfedcbaZYXWV3loJCf";
  private static final String MISTYPED = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOg";

  private static Issuer issuer;
  private static PublicJsonWebKey signing;
  private static ContractRig rig;
  private final EdgeKind kind;

  EdgeAuthIT(EdgeKind kind) {
    this.kind = kind;
  }

  @BeforeParameterizedClassInvocation
  static void start(EdgeKind kind) throws IOException {
    issuer = Issuer.start();
    signing = issuer.key("one", "ES256");
    rig = new ContractRig(kind, asking("mcp"));
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    rig.close();
    issuer.close();
  }

  @BeforeEach
  void settle() throws IOException {
    rig.settle();
  }

  private static ObjectNode asking(String scope) {
    ObjectNode config = JsonMapper.shared().createObjectNode();
    ObjectNode auth = config.putObject("auth").put("resource", RESOURCE).put("keys", true);
    ObjectNode jwt = auth.putObject("jwt").put("issuer", Issuer.NAME);
    jwt.put("jwks", issuer.jwks().toString()).putArray("scopes").add(scope);
    return config;
  }

  private static JwtClaims claims(String subject) {
    JwtClaims claims = Issuer.claims(RESOURCE, subject);
    claims.setClaim("scope", "mail mcp");
    return claims;
  }

  private static String token(String subject) {
    return "Authorization: Bearer " + Issuer.token(signing, "ES256", claims(subject));
  }

  @Test
  void whoBringsNothingFindsTheIssuerByTheChallenge() throws IOException {
    HttpMessage response = rig.call();
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.header("WWW-Authenticate"))
        .contains(
            "Bearer realm=\"mcpist\", resource_metadata=\"https://mcp.example.com"
                + METADATA
                + "/mcp\", scope=\"mcp\"");
    assertThat(response.text()).contains("\"code\":\"unauthenticated\"", "\"jsonrpc\":\"2.0\"");
    for (String path : List.of(METADATA, METADATA + "/mcp")) {
      HttpMessage metadata = rig.get(path, "Origin: https://client.example");
      assertThat(metadata.status()).isEqualTo(200);
      assertThat(metadata.text())
          .isEqualTo(
              "{\"resource\":\"%s\",\"authorization_servers\":[\"%s\"],\"bearer_methods_supported\":[\"header\"],\"scopes_supported\":[\"mcp\"],\"resource_name\":\"MCPist\"}"
                  .formatted(RESOURCE, Issuer.NAME));
      assertThat(metadata.header("Access-Control-Allow-Origin")).contains("*");
    }
    assertThat(rig.first.calls()).isEmpty();
  }

  @Test
  void aTokensSubjectIsTheUserAndTheTokenStaysAtTheEdge() throws IOException {
    HttpMessage response = rig.call(token("auth0|alice") + "\nX-User-Id: mallory");
    assertThat(response.text()).isEqualTo(ANSWER);
    HttpMessage seen = rig.first.calls().getFirst();
    assertThat(seen.headers("X-User-Id")).containsExactly("auth0|alice");
    assertThat(seen.headers("Authorization")).isEmpty();
  }

  @Test
  void aKeyGoesToTheOriginAndItsNoIsAChallenge() throws IOException {
    assertThat(rig.call("Authorization: bearer " + KEY).text()).isEqualTo(ANSWER);
    HttpMessage seen = rig.first.calls().getFirst();
    assertThat(seen.headers("X-User-Id")).containsExactly("key:da5f49834b5ed411");
    assertThat(seen.headers("Authorization")).containsExactly("bearer " + KEY);

    rig.first.next(Behaviour.ofLedger(401, "{}"));
    HttpMessage response = rig.call("Authorization: Bearer " + KEY);
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.headers("WWW-Authenticate")).hasSize(1);
    assertThat(response.header("WWW-Authenticate").orElseThrow())
        .contains("error=\"invalid_token\"");
    assertThat(rig.second.calls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer a.b.c",
        "Authorization: Bearer " + MISTYPED,
        "Cookie: Authorization=Bearer " + KEY + "\nAuthorization: Bearer x"
      })
  void whatIsNoKeyAndNoTokenIsRefused(String headers) throws IOException {
    HttpMessage response = rig.call(headers);
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.header("WWW-Authenticate").orElseThrow())
        .contains("error=\"invalid_token\"");
    assertThat(response.text() + response).doesNotContain(KEY, MISTYPED);
    assertThat(rig.first.calls()).isEmpty();
  }

  /** A client that is told so keeps its token, which may be good. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer",
        "Authorization: Bearer a b",
        "Authorization: Bearer a.b.c, Bearer d.e.f",
        "Authorization: Bearer " + KEY + "\nAuthorization: Bearer " + KEY,
        "Authorization: Basic bWU6bWU=\nAuthorization: Bearer " + KEY
      })
  void whatIsNotOneTokenIsABadRequest(String headers) throws IOException {
    assertBadRequest(rig.call(headers));
  }

  private static void assertBadRequest(HttpMessage response) {
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("WWW-Authenticate").orElseThrow())
        .contains("error=\"invalid_request\"");
    assertThat(response.text()).contains("\"code\":\"invalid_request\"", "\"jsonrpc\":\"2.0\"");
    assertThat(response.text() + response).doesNotContain(KEY, "bWU6");
    assertThat(rig.first.calls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic bWU6bWU=", KEY})
  void anotherSchemeIsAsNone(String value) throws IOException {
    HttpMessage response = rig.call("Authorization: " + value);
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.header("WWW-Authenticate").orElseThrow()).doesNotContain("error");
    assertThat(rig.first.calls()).isEmpty();
  }

  @Test
  void aTokenThatIsForAnotherServerOrAllowsTooLittleIsRefused() throws IOException {
    JwtClaims elsewhere = claims("alice");
    elsewhere.setAudience("https://other.example.com/mcp");
    HttpMessage response =
        rig.call("Authorization: Bearer " + Issuer.token(signing, "ES256", elsewhere));
    assertThat(response.status()).isEqualTo(401);
    assertThat(response.header("WWW-Authenticate").orElseThrow())
        .contains("error_description=\"The token is not for this server\"");

    JwtClaims less = claims("alice");
    less.setClaim("scope", "mail");
    HttpMessage forbidden =
        rig.call("Authorization: Bearer " + Issuer.token(signing, "ES256", less));
    assertThat(forbidden.status()).isEqualTo(403);
    assertThat(forbidden.header("WWW-Authenticate").orElseThrow())
        .contains("scope=\"mcp\"", "error=\"insufficient_scope\"");
    assertThat(rig.first.calls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"access_token=", "a=b&access%5Ftoken="})
  void aTokenInTheQueryIsNoToken(String query) throws IOException {
    String path = "/mcp?" + query + Issuer.token(signing, "ES256", claims("alice"));
    for (String header : List.of("", token("alice"))) {
      assertBadRequest(RawHttp.exchange(rig.edge.port(), RawHttp.post(path, header, CALL)));
    }
  }

  @Test
  void knownKeysOutliveTheirIssuer() throws IOException {
    assertThat(rig.call(token("alice")).status()).isEqualTo(200);
    issuer.server().refuse();
    try {
      assertThat(rig.call(token("bob")).status()).isEqualTo(200);
      PublicJsonWebKey unknown = Issuer.unpublished("unknown", "ES256");
      String forged = Issuer.token(unknown, "ES256", claims("mallory"));
      assertThat(rig.call("Authorization: Bearer " + forged).status()).isEqualTo(401);
      assertThat(rig.edge.log()).doesNotContain(forged, KEY);
    } finally {
      issuer.server().listen();
    }
  }

  @Test
  void whoCallsTooOftenIsToldWhenToComeAgain() throws IOException {
    ObjectNode config = asking("mcp");
    config
        .putObject("limits")
        .put("addressPerMinute", 40)
        .put("userPerSecond", 1)
        .put("userBurst", 10);
    try (ContractRig limited = new ContractRig(kind, config)) {
      limited.first.always(ContractRig.WHOLE);
      int good = 0;
      HttpMessage last = limited.call(token("alice"));
      for (; last.header("Retry-After").isEmpty(); good++) {
        last = limited.call(token("alice"));
      }
      assertThat(good).isBetween(10, 20);
      assertThat(last.status()).as("as every client can read it").isEqualTo(200);
      // Cloudflare counts by ten seconds.
      String policy = kind == EdgeKind.WORKER ? "\"user\";q=10;w=10" : "\"user\";q=1;w=1";
      assertThat(last.header("RateLimit-Policy")).contains(policy);
      assertThat(last.header("Retry-After").map(Integer::parseInt).orElseThrow()).isPositive();
      assertThat(last.text()).contains("\"code\":\"rate_limited\"", "\"id\":7,");
      assertThat(limited.call(token("bob")).status()).isEqualTo(200);

      HttpMessage crowd = crowded(limited, "");
      assertThat(crowd.status()).as("as every client can read it").isEqualTo(200);
      assertThat(crowd.text()).contains("\"code\":\"rate_limited\"", "\"id\":7,");
      HttpMessage health = limited.get("/health", "");
      for (int i = 0; health.status() != 429 && i < 100; i++) {
        health = limited.get("/health", ""); // Its share comes back meanwhile.
      }
      assertThat(health.status()).as("at any path").isEqualTo(429);
    }
  }

  @Test
  void aStrangerUsesUpNothingOfTheUsersOfAnAddress() throws IOException {
    ObjectNode config = asking("mcp");
    config
        .putObject("limits")
        .put("addressPerMinute", 40)
        .put("userPerSecond", 1_000)
        .put("userBurst", 1_000);
    try (ContractRig limited = new ContractRig(kind, config)) {
      String key = "Authorization: Bearer " + KEY;
      String another = "Authorization: Bearer " + ANOTHER;
      limited.first.always(ContractRig.WHOLE);
      for (int i = 0; i < 50; i++) {
        assertThat(limited.call(key).text()).as("more than an address may").isEqualTo(ANSWER);
        assertThat(limited.call(token("user-" + i)).text()).as("a new one").isEqualTo(ANSWER);
      }

      limited.first.always(Behaviour.ofLedger(401, "{}"));
      crowded(limited, another);
      crowded(limited, "Authorization: Bearer a.b.c");
      crowded(limited, "");
      int asked = limited.first.calls().size() - 100;
      assertThat(asked).as("refused keys that origins have looked up").isBetween(1, 60);

      limited.first.always(ContractRig.WHOLE);
      String madeUp = "Authorization: Bearer " + MADE_UP;
      assertThat(limited.call(madeUp).text()).as("the first call of a key").isEqualTo(ANSWER);
      assertThat(limited.call(key).text()).isEqualTo(ANSWER);
      assertThat(limited.call(token("carol")).text()).isEqualTo(ANSWER);

      limited.first.always(Behaviour.ofLedger(401, "{}"));
      assertThat(limited.call(key).status()).as("it is revoked").isEqualTo(401);
      crowded(limited, key);
    }
  }

  /**
   * Sends calls until the edge refuses one for its address, and returns this refusal. The share of
   * the address grows again meanwhile, so the number of calls varies.
   */
  private static HttpMessage crowded(ContractRig limited, String headers) throws IOException {
    HttpMessage response = limited.call(headers);
    for (int i = 0; response.header("RateLimit-Policy").isEmpty() && i < 100; i++) {
      response = limited.call(headers);
    }
    assertThat(response.header("RateLimit-Policy")).contains("\"address\";q=40;w=60");
    return response;
  }
}
