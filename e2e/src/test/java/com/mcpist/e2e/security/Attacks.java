package com.mcpist.e2e.security;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.testkit.Issuer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.HmacKey;

/** The table: several of each class, and of each wall. */
final class Attacks extends AttackTable {
  private static final Set<Integer> UNAUTHORIZED = Set.of(401);
  private static final Set<Integer> BAD = Set.of(400);
  private static final Set<Integer> FORBIDDEN = Set.of(403);

  private Attacks() {}

  static List<Attack> all() {
    Attacks table = new Attacks();
    table.secret();
    table.keys();
    table.tokens();
    table.user();
    table.names();
    table.all.addAll(WireAttacks.all());
    table.all.addAll(TextAttacks.all());
    table.all.addAll(LimitAttacks.all());
    return fromAddressesOfTheirOwn(table.all);
  }

  /** Gives each attack an address, so that none is refused for what others have sent. */
  private static List<Attack> fromAddressesOfTheirOwn(List<Attack> attacks) {
    List<Attack> all = new ArrayList<>();
    for (Attack attack : attacks) {
      all.add(attack.from("127.0.1." + (all.size() + 1)));
    }
    return List.copyOf(all);
  }

  private void secret() {
    secret("none", s -> Requests.call("X-User-Id: alice\r\n"));
    secret("an empty one", s -> withSecret(""));
    secret("a wrong one", s -> withSecret("the-gateway-secret-of-a-test-0123456788"));
    secret("one cut short", s -> withSecret(EdgeConfig.SECRET.substring(1)));
    secret("one and more", s -> withSecret(EdgeConfig.SECRET + "0"));
    secret("in capitals", s -> withSecret(EdgeConfig.SECRET.toUpperCase(Locale.ROOT)));
    secret("in a list", s -> withSecret("guess, " + EdgeConfig.SECRET));
    secret(
        "a guess before it", s -> Requests.call("X-Gateway-Secret: guess\r\n" + Requests.SECRET));
    secret("a guess after it", s -> Requests.call(Requests.SECRET + "X-Gateway-Secret: guess\r\n"));
    secret("as a bearer token", s -> Requests.call(Requests.bearer(EdgeConfig.SECRET)));
    secret(
        "in the query",
        s -> Requests.call("/mcp?x-gateway-secret=" + EdgeConfig.SECRET, "", Requests.SAVE));
    secret(
        "none, for the admin path", s -> "GET /api/admin/keys HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  private void secret(String name, Function<Stage, String> request) {
    add("secret", name, Attack.ORIGIN, FORBIDDEN, request);
  }

  private static String withSecret(String value) {
    return Requests.call("X-User-Id: alice\r\nX-Gateway-Secret: " + value + "\r\n");
  }

  private void keys() {
    key("nobody's", s -> ApiKey.create().secret().reveal());
    key("revoked", s -> s.revoked);
    key("expired", s -> s.expired);
    key("mistyped", s -> s.key.substring(0, 20) + "_" + s.key.substring(21));
    key("in capitals", s -> s.key.toUpperCase(Locale.ROOT));
    key("cut short", s -> s.key.substring(0, s.key.length() - 1));
    key("and more", s -> s.key + "A");
    badRequest("twice", "/mcp", s -> Requests.bearer(s.key) + Requests.bearer(s.key));
    badRequest("beside another", "/mcp", s -> Requests.bearer(s.key) + Requests.bearer(s.revoked));
    badRequest("in a list", "/mcp", s -> Requests.bearer(s.key + ", Bearer " + s.key));
    edges("key", "without a scheme", s -> "Authorization: " + s.key + "\r\n");
    edges("key", "as Basic", s -> "Authorization: Basic " + s.key + "\r\n");
    edges("key", "in a cookie", s -> "Cookie: Authorization=" + s.key + "\r\n");
    edges("key", "in a header of its own", s -> "X-Api-Key: " + s.key + "\r\n");
    badRequest("in the query", "/mcp?access_token=KEY", s -> "");
    badRequest("in the query, by an escaped name", "/mcp?access%5Ftoken=KEY", s -> "");
    badRequest("in the query too", "/mcp?a&Access_Token=KEY", s -> Requests.bearer(s.key));
    add(
        "key",
        "none, where an edge says that there is one",
        Attack.ORIGIN,
        UNAUTHORIZED,
        s -> Requests.call(Requests.SECRET + "X-User-Id: key:0123456789abcdef\r\n"));
  }

  /** A key that is none, at the edges, and at the origin as an edge would pass it on. */
  private void key(String name, Function<Stage, String> key) {
    edges("key", name, s -> Requests.bearer(key.apply(s)));
    add(
        "key",
        name,
        Attack.ORIGIN,
        UNAUTHORIZED,
        s -> Requests.call(Requests.passedOn(key.apply(s))));
  }

  /** What an edge says of it is not that the key is no good: a client would throw it away. */
  private void badRequest(String name, String target, Function<Stage, String> headers) {
    Function<Stage, String> request =
        s -> Requests.call(target.replace("KEY", s.key), headers.apply(s), Requests.SAVE);
    all.add(
        new Attack("key", name, Attack.EDGES, request, BAD)
            .telling("WWW-Authenticate", "error=\"invalid_request\""));
  }

  private void edges(String wall, String name, Function<Stage, String> headers) {
    add(wall, name, Attack.EDGES, UNAUTHORIZED, s -> Requests.call(headers.apply(s)));
  }

  private void tokens() {
    token("unsigned", s -> Issuer.token(null, "none", claims(c -> {}), kid(s)));
    token("the public key as HMAC's secret", Attacks::confused);
    token("another's key by the issuer's name", s -> signed(stranger(), "RS256", kid(s)));
    token("a key of its own inside", s -> signed(stranger(), "RS256", embedded(s)));
    token("an address for its key", s -> signed(s.strangersKey, "RS256", addressed(s, "jku")));
    token(
        "an address for its certificate",
        s -> signed(s.strangersKey, "RS256", addressed(s, "x5u")));
    token("an algorithm off the list", s -> signed(s.signing, "RS512", kid(s)));
    token("for another server", s -> changed(s, c -> c.setAudience("https://other.example/mcp")));
    token("of another issuer", s -> changed(s, c -> c.setIssuer("https://evil.example/")));
    token("expired", s -> changed(s, c -> c.setExpirationTimeMinutesInTheFuture(-2)));
    token("for ever", s -> changed(s, c -> c.unsetClaim("exp")));
    token("not yet", s -> changed(s, c -> c.setNotBeforeMinutesInThePast(-5)));
    token("the operator's", s -> changed(s, c -> c.setSubject("local")));
    token("a key's user", s -> changed(s, c -> c.setSubject("key:0123456789abcdef")));
    token("a header in its subject", s -> changed(s, c -> c.setSubject("a\r\nX-User-Id: bob")));
    token("without a subject", s -> changed(s, c -> c.unsetClaim("sub")));
    token("9 KiB of it", s -> changed(s, c -> c.setClaim("more", "m".repeat(7_000))));
    add(
        "token",
        "past the edge",
        Attack.ORIGIN,
        UNAUTHORIZED,
        s -> Requests.call(Requests.passedOn(changed(s, c -> {}))));
  }

  private void token(String name, Function<Stage, String> token) {
    edges("token", name, s -> Requests.bearer(token.apply(s)));
  }

  private static String claims(Consumer<JwtClaims> change) {
    JwtClaims claims = Issuer.claims(Stage.RESOURCE, "alice");
    change.accept(claims);
    return claims.toJson();
  }

  private static Map<String, String> kid(Stage stage) {
    return Map.of("kid", stage.signing.getKeyId());
  }

  private static PublicJsonWebKey stranger() {
    return Issuer.unpublished("stranger", "RS256");
  }

  private static Map<String, String> addressed(Stage stage, String by) {
    return Map.of("kid", stage.strangersKey.getKeyId(), by, stage.stranger.jwks().toString());
  }

  private static Map<String, Object> embedded(Stage stage) {
    return Map.of(
        "kid",
        stage.signing.getKeyId(),
        "jwk",
        stranger().toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
  }

  private static String signed(PublicJsonWebKey key, String algorithm, Map<String, ?> headers) {
    return Issuer.token(key.getPrivateKey(), algorithm, claims(c -> {}), headers);
  }

  private static String confused(Stage stage) {
    HmacKey publicKey = new HmacKey(stage.signing.getKey().getEncoded());
    return Issuer.token(publicKey, "HS256", claims(c -> {}), kid(stage));
  }

  private static String changed(Stage stage, Consumer<JwtClaims> change) {
    return Issuer.token(stage.signing.getPrivateKey(), "RS256", claims(change), kid(stage));
  }

  private void user() {
    add(
        "user",
        "another's, with a good key",
        Attack.ORIGIN,
        UNAUTHORIZED,
        s -> Requests.call(Requests.passedOn(s.key).replaceFirst("key:[0-9a-f]{4}", "key:0000")));
    user("none", "");
    user("an empty one", "X-User-Id: \r\n");
    user("two", "X-User-Id: alice\r\nX-User-Id: bob\r\n");
    user("a list", "X-User-Id: alice, bob\r\n");
    user("a blank in it", "X-User-Id: alice bob\r\n");
    user("256 characters", "X-User-Id: " + "a".repeat(256) + "\r\n");
    user("letters of no header", "X-User-Id: ali\u00e7e\r\n");
    user("none, but a key's good name", "X-User-Id: key:\r\n");
  }

  private void user(String name, String header) {
    add("user", name, Attack.ORIGIN, UNAUTHORIZED, s -> Requests.call(Requests.SECRET + header));
  }

  private void names() {
    add("name", "another host", Attack.EDGES, Set.of(421), s -> named(s, "Host: evil.example"));
    add("name", "an address", Attack.EDGES, Set.of(421), s -> named(s, "Host: 203.0.113.9"));
    String[] pages = {"https://evil.example", "http://localhost.evil.example", "null", "http://"};
    for (String page : pages) {
      add(
          "name",
          "a page of " + page,
          Attack.ALL,
          FORBIDDEN,
          s -> Requests.call(Requests.letIn(s) + "Origin: " + page + "\r\n"));
    }
    for (String method : List.of("OPTIONS", "PUT", "TRACE", "PATCH")) {
      add(
          "method",
          method,
          Attack.ALL,
          Set.of(405),
          s -> Requests.call(Requests.letIn(s)).replaceFirst("POST", method));
    }
    for (String path : List.of("/mcp/../api/admin/keys", "/%6dcp", "//mcp", "/api/admin/keys")) {
      add(
          "path",
          path,
          Attack.EDGES,
          Set.of(404),
          s -> "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + Requests.letIn(s) + "\r\n");
    }
  }

  private static String named(Stage stage, String host) {
    return Requests.call(Requests.letIn(stage)).replace("Host: localhost", host);
  }
}
