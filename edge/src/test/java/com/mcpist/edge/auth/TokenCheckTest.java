package com.mcpist.edge.auth;

import static com.mcpist.testkit.Issuer.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Issuer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCheckTest {
  private static final String RESOURCE = "https://mcp.example.com/mcp";
  private static final PublicJsonWebKey RSA = Issuer.unpublished("rsa", "RS256");
  private static final PublicJsonWebKey EC = Issuer.unpublished("ec", "ES256");
  private static final PublicJsonWebKey ED = Issuer.unpublished("ed", "EdDSA");
  private static final KeySet KEYS = keys(RSA, EC, ED);

  private final TokenCheck check = new TokenCheck(settings(Set.of()));

  private static JwtSettings settings(Set<String> scopes) {
    return new JwtSettings(Issuer.NAME, URI.create("https://a.example/jwks"), RESOURCE, scopes);
  }

  private static KeySet keys(JsonWebKey... keys) {
    return KeySet.parse(new JsonWebKeySet(keys).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
  }

  private static JwtClaims of(Consumer<JwtClaims> change) {
    JwtClaims claims = claims();
    change.accept(claims);
    return claims;
  }

  private Verdict verdict(String token) {
    return check.check(token, KEYS, Instant.now()).verdict();
  }

  private static Verdict refused(Verdict.Reason reason) {
    return new Verdict.Refused(reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "PS256", "ES256", "EdDSA"})
  void aTokenOfTheIssuersIsItsSubjects(String algorithm) {
    PublicJsonWebKey key = Issuer.unpublished("a", algorithm);
    TokenCheck.Result result =
        check.check(token(key, algorithm, of(c -> {})), keys(key), Instant.now());
    assertThat(result.verdict()).isEqualTo(new Verdict.Admitted(new Caller("alice", false)));
    assertThat(result.until()).isAfter(Instant.now().plus(Duration.ofMinutes(5)));
  }

  @Test
  void oneOfSeveralAudiencesWillDo() {
    String token = token(RSA, "RS256", of(c -> c.setAudience("https://other.example", RESOURCE)));
    assertThat(verdict(token)).isInstanceOf(Verdict.Admitted.class);
  }

  @Test
  void clocksMayDifferByHalfAMinute() {
    String token = token(RSA, "RS256", of(c -> c.setNotBeforeMinutesInThePast(-0.4f)));
    assertThat(verdict(token)).isInstanceOf(Verdict.Admitted.class);
    Instant late = Instant.now().plusSeconds(5 * 60 + 20);
    assertThat(check.check(token, KEYS, late).verdict()).isInstanceOf(Verdict.Admitted.class);
    assertThat(check.check(token, KEYS, late.plusSeconds(20)).verdict())
        .isEqualTo(refused(Verdict.Reason.EXPIRED));
  }

  static Stream<Arguments> forgeries() throws JoseException {
    String good = token(RSA, "RS256", claims());
    String json = claims().toJson();
    String publicKey = RSA.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    HmacKey publicAsSecret = new HmacKey(RSA.getKey().getEncoded());
    PublicJsonWebKey own = Issuer.unpublished("rsa", "RS256");
    return Stream.of(
        Arguments.of("unsigned", token(null, "none", json, Map.of())),
        Arguments.of("unsigned, with a key's id", token(null, "none", json, Map.of("kid", "rsa"))),
        Arguments.of("None with a capital", recased(good)),
        Arguments.of(
            "the public key as HMAC's secret",
            token(publicAsSecret, "HS256", json, Map.of("kid", "rsa"))),
        Arguments.of("an algorithm that is not on the list", token(RSA, "RS512", claims())),
        Arguments.of("the issuer's key id, another's key", token(own, "RS256", claims())),
        Arguments.of(
            "a key of its own in the header",
            token(own.getPrivateKey(), "RS256", json, embedded(own))),
        Arguments.of(
            "an address for the key in the header",
            token(
                own.getPrivateKey(),
                "RS256",
                json,
                Map.of("kid", "rsa", "jku", "http://127.0.0.1:1/"))),
        Arguments.of("another payload", swapped(good, token(RSA, "RS256", other()))),
        Arguments.of("no signature", good.substring(0, good.lastIndexOf('.') + 1)),
        Arguments.of("a signature cut short", good.substring(0, good.length() - 8)),
        Arguments.of(
            "an extension that must be understood",
            token(
                RSA.getPrivateKey(),
                "RS256",
                json,
                Map.of("kid", "rsa", "crit", List.of("b64"), "b64", true))),
        Arguments.of(
            "no key id where there are several of its kind",
            token(RSA.getPrivateKey(), "RS256", json, Map.of("kid", "nobody"))),
        Arguments.of("encrypted to the server", encrypted(publicKey)),
        Arguments.of("one part", "aaaa"),
        Arguments.of("three parts of nothing", ".."),
        Arguments.of("three parts that are no JSON", "YQ.YQ.YQ"),
        Arguments.of("a header that is a list", "W10." + good.split("\\.", 2)[1]));
  }

  private static JwtClaims claims() {
    return Issuer.claims(RESOURCE, "alice");
  }

  private static JwtClaims other() {
    return Issuer.claims(RESOURCE, "mallory");
  }

  private static Map<String, Object> embedded(PublicJsonWebKey own) {
    return Map.of("kid", "rsa", "jwk", own.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
  }

  private static String recased(String good) {
    String header =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"None\"}".getBytes(StandardCharsets.UTF_8));
    return header + "." + good.split("\\.", 3)[1] + ".";
  }

  private static String swapped(String good, String donor) {
    String[] parts = good.split("\\.", 3);
    return parts[0] + "." + donor.split("\\.", 3)[1] + "." + parts[2];
  }

  private static String encrypted(String publicKey) throws JoseException {
    JsonWebEncryption jwe = new JsonWebEncryption();
    jwe.setPayload(claims().toJson());
    jwe.setAlgorithmHeaderValue("RSA-OAEP-256");
    jwe.setEncryptionMethodHeaderParameter("A128CBC-HS256");
    jwe.setKeyIdHeaderValue("rsa");
    jwe.setKey(PublicJsonWebKey.Factory.newPublicJwk(publicKey).getKey());
    return jwe.getCompactSerialization();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void aForgeryIsNobodys(String what, String token) {
    assertThat(verdict(token)).as(what).isEqualTo(refused(Verdict.Reason.INVALID));
  }

  static Stream<Arguments> wrongClaims() {
    return Stream.of(
        wrong("another issuer", c -> c.setIssuer("https://evil.example/"), Verdict.Reason.INVALID),
        wrong("no issuer", c -> c.unsetClaim("iss"), Verdict.Reason.INVALID),
        wrong(
            "a list of issuers",
            c -> c.setClaim("iss", List.of(Issuer.NAME)),
            Verdict.Reason.INVALID),
        wrong(
            "another audience",
            c -> c.setAudience("https://other.example/mcp"),
            Verdict.Reason.WRONG_AUDIENCE),
        wrong("no audience", c -> c.unsetClaim("aud"), Verdict.Reason.WRONG_AUDIENCE),
        wrong("expired", c -> c.setExpirationTimeMinutesInTheFuture(-1), Verdict.Reason.EXPIRED),
        wrong("no expiry", c -> c.unsetClaim("exp"), Verdict.Reason.INVALID),
        wrong(
            "an expiry that is no number", c -> c.setClaim("exp", "never"), Verdict.Reason.INVALID),
        wrong("not yet", c -> c.setNotBeforeMinutesInThePast(-2), Verdict.Reason.INVALID),
        wrong(
            "issued tomorrow",
            c -> c.setIssuedAt(NumericDate.fromSeconds(Instant.now().getEpochSecond() + 86_400)),
            Verdict.Reason.INVALID),
        wrong("no subject", c -> c.unsetClaim("sub"), Verdict.Reason.INVALID),
        wrong("the operator's name", c -> c.setSubject("local"), Verdict.Reason.INVALID),
        wrong("a key's name", c -> c.setSubject("key:da5f49834b5ed411"), Verdict.Reason.INVALID),
        wrong("an empty subject", c -> c.setSubject(""), Verdict.Reason.INVALID),
        wrong("a line break", c -> c.setSubject("a\r\nX-User-Id: b"), Verdict.Reason.INVALID),
        wrong("a blank", c -> c.setSubject("a b"), Verdict.Reason.INVALID),
        wrong(
            "letters that no header has", c -> c.setSubject("ali\u00e7e"), Verdict.Reason.INVALID),
        wrong("a subject of 256", c -> c.setSubject("a".repeat(256)), Verdict.Reason.INVALID),
        wrong("a subject that is a number", c -> c.setClaim("sub", 7), Verdict.Reason.INVALID));
  }

  private static Arguments wrong(String what, Consumer<JwtClaims> change, Verdict.Reason reason) {
    return Arguments.of(what, of(change), reason);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongClaims")
  void aTokenThatIsNotForNowAndHereIsRefused(String what, JwtClaims claims, Verdict.Reason why) {
    assertThat(verdict(token(EC, "ES256", claims))).as(what).isEqualTo(refused(why));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scope | mcp         | true",
        "scope | mail mcp    | true",
        "scp   | mcp         | true",
        "scope | mcpx        | false",
        "scope | mail        | false",
        "other | mcp         | false"
      })
  void eachScopeIsNeeded(String claim, String value, boolean enough) {
    TokenCheck scoped = new TokenCheck(settings(Set.of("mcp")));
    String token = token(ED, "EdDSA", of(c -> c.setClaim(claim, value)));
    Verdict verdict = scoped.check(token, KEYS, Instant.now()).verdict();
    assertThat(verdict instanceof Verdict.Admitted).isEqualTo(enough);
    if (!enough) {
      assertThat(verdict).isEqualTo(refused(Verdict.Reason.INSUFFICIENT_SCOPE));
    }
  }

  @Test
  void scopesMayBeAList() {
    TokenCheck scoped = new TokenCheck(settings(Set.of("mcp", "mail")));
    String token = token(ED, "EdDSA", of(c -> c.setClaim("scp", List.of("mail", "mcp"))));
    assertThat(scoped.check(token, KEYS, Instant.now()).verdict())
        .isInstanceOf(Verdict.Admitted.class);
  }

  @Test
  void aTokenWithoutAKeyIdIsTakenWhereThereIsOneKeyOfItsKind() {
    String token = token(RSA.getPrivateKey(), "RS256", claims().toJson(), Map.of());
    assertThat(verdict(token)).isInstanceOf(Verdict.Admitted.class);
    KeySet two = keys(RSA, Issuer.unpublished("rsa-2", "RS256"));
    assertThat(check.check(token, two, Instant.now()).verdict())
        .isEqualTo(refused(Verdict.Reason.INVALID));
  }

  @Test
  void aKeyIsUsedForWhatItIsFor() throws JoseException {
    PublicJsonWebKey forEncryption = copy(RSA);
    forEncryption.setUse("enc");
    PublicJsonWebKey forPss = copy(RSA);
    forPss.setAlgorithm("PS256");
    String token = token(RSA, "RS256", claims());
    assertThat(check.check(token, keys(forEncryption, EC), Instant.now()).verdict())
        .isEqualTo(refused(Verdict.Reason.INVALID));
    assertThat(check.check(token, keys(forPss, EC), Instant.now()).verdict())
        .isEqualTo(refused(Verdict.Reason.INVALID));
  }

  private static PublicJsonWebKey copy(PublicJsonWebKey key) throws JoseException {
    return PublicJsonWebKey.Factory.newPublicJwk(
        key.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
  }
}
