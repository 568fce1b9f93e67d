package com.mcpist.edge.gate.auth;

import com.mcpist.testkit.Issuer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes contract/auth/tokens.json anew, with new keys; its one argument is that file. */
final class TokenVectors {
  private static final String RESOURCE = "https://mcp.example.com/mcp";
  private static final long NOW = 1_767_225_600;
  static final String GOOD = "admitted";
  static final String INVALID = "invalid";

  final JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  final PublicJsonWebKey rsa = Issuer.unpublished("rsa", "RS256");
  final PublicJsonWebKey ec = Issuer.unpublished("ec", "ES256");
  private final PublicJsonWebKey ed = Issuer.unpublished("ed", "EdDSA");
  private final ObjectNode file = json.createObjectNode();
  private final ArrayNode cases;

  private TokenVectors() {
    file.put("nowSeconds", NOW).put("issuer", Issuer.NAME).put("audience", RESOURCE);
    file.set("keys", json.readTree(set(rsa, ec, ed)));
    cases = file.putArray("cases");
  }

  /** Writes the file. */
  public static void main(String[] args) throws IOException, JoseException {
    TokenVectors vectors = new TokenVectors();
    vectors.good();
    vectors.forged();
    vectors.misdirected();
    vectors.unclaimed();
    vectors.scoped();
    KeySetVectors.addTo(vectors);
    Files.writeString(
        Path.of(args[0]), vectors.json.writeValueAsString(vectors.file).replace("\r", "") + "\n");
  }

  static String set(JsonWebKey... keys) {
    return new JsonWebKeySet(keys).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
  }

  ObjectNode add(String what, String token, String verdict) {
    return cases.addObject().put("description", what).put("token", token).put("verdict", verdict);
  }

  private static JwtClaims claims(Consumer<JwtClaims> change) {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer(Issuer.NAME);
    claims.setAudience(RESOURCE);
    claims.setSubject("alice");
    claims.setIssuedAt(NumericDate.fromSeconds(NOW - 60));
    claims.setExpirationTime(NumericDate.fromSeconds(NOW + 300));
    change.accept(claims);
    return claims;
  }

  static JwtClaims claims() {
    return claims(c -> {});
  }

  private void good() {
    add("RS256", Issuer.token(rsa, "RS256", claims()), GOOD);
    add("PS256", Issuer.token(rsa, "PS256", claims()), GOOD);
    add("ES256", Issuer.token(ec, "ES256", claims()), GOOD);
    add("EdDSA", Issuer.token(ed, "EdDSA", claims()), GOOD);
    good("one of several audiences", c -> c.setAudience("https://other.example", RESOURCE));
    good("a clock 20 s ahead", c -> c.setNotBefore(NumericDate.fromSeconds(NOW + 20)));
    good("a clock 20 s behind", c -> c.setExpirationTime(NumericDate.fromSeconds(NOW - 20)));
    good("a subject with signs", c -> c.setSubject("auth0|alice@example.com"));
    add(
        "no key id, and one key of its kind",
        Issuer.token(rsa.getPrivateKey(), "RS256", claims().toJson(), Map.of()),
        GOOD);
  }

  private void good(String what, Consumer<JwtClaims> change) {
    JwtClaims claims = claims(change);
    add(what, Issuer.token(ec, "ES256", claims), GOOD)
        .put("subject", String.valueOf(claims.getClaimValue("sub")));
  }

  private void forged() throws JoseException {
    String good = Issuer.token(rsa, "RS256", claims());
    String payload = claims().toJson();
    PublicJsonWebKey own = Issuer.unpublished("rsa", "RS256");
    forged("unsigned", Issuer.token(null, "none", payload, Map.of()));
    forged("unsigned, with a key's id", Issuer.token(null, "none", payload, Map.of("kid", "rsa")));
    forged("None with a capital", recased(good));
    HmacKey publicAsSecret = new HmacKey(rsa.getKey().getEncoded());
    forged(
        "the public key as HMAC's secret",
        Issuer.token(publicAsSecret, "HS256", payload, Map.of("kid", "rsa")));
    forged("an algorithm that is not on the list", Issuer.token(rsa, "RS512", claims()));
    forged("the issuer's key id, another's key", Issuer.token(own, "RS256", claims()));
    forged(
        "a key of its own in the header",
        Issuer.token(own.getPrivateKey(), "RS256", payload, embedded(own)));
    forged(
        "an address for the key in the header",
        Issuer.token(
            own.getPrivateKey(), "RS256", payload, Map.of("kid", "rsa", "jku", "http://[::1]:1/")));
    forgedOf(good, payload);
  }

  private void forgedOf(String good, String payload) throws JoseException {
    String other = Issuer.token(rsa, "RS256", claims(c -> c.setSubject("mallory")));
    forged("another payload", swapped(good, other));
    forged("no signature", good.substring(0, good.lastIndexOf('.') + 1));
    forged("a signature cut short", good.substring(0, good.length() - 8));
    forged(
        "an extension that must be understood",
        Issuer.token(rsa.getPrivateKey(), "RS256", payload, critical()));
    forged(
        "a key that is not there",
        Issuer.token(rsa.getPrivateKey(), "RS256", payload, Map.of("kid", "nobody")));
    forged(
        "one algorithm's key for another",
        Issuer.token(ec.getPrivateKey(), "ES256", payload, Map.of("kid", "rsa")));
    forged("encrypted to the server", encrypted());
    forged("one part", "aaaa");
    forged("three parts of nothing", "..");
    forged("three parts that are no JSON", "YQ.YQ.YQ");
    forged(
        "a key id that is a number",
        Issuer.token(rsa.getPrivateKey(), "RS256", payload, Map.of("kid", 7)));
    forged("a header that is a list", "W10." + good.split("\\.", 2)[1]);
  }

  private void forged(String what, String token) {
    add(what, token, INVALID);
  }

  private static Map<String, Object> embedded(PublicJsonWebKey own) {
    return Map.of("kid", "rsa", "jwk", own.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
  }

  private static Map<String, Object> critical() {
    return Map.of("kid", "rsa", "crit", List.of("b64"), "b64", true);
  }

  private static String recased(String good) {
    byte[] header = "{\"alg\":\"None\"}".getBytes(StandardCharsets.UTF_8);
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(header);
    return encoded + "." + good.split("\\.", 3)[1] + ".";
  }

  private static String swapped(String good, String donor) {
    String[] parts = good.split("\\.", 3);
    return parts[0] + "." + donor.split("\\.", 3)[1] + "." + parts[2];
  }

  private String encrypted() throws JoseException {
    JsonWebEncryption jwe = new JsonWebEncryption();
    jwe.setPayload(claims().toJson());
    jwe.setAlgorithmHeaderValue("RSA-OAEP-256");
    jwe.setEncryptionMethodHeaderParameter("A128CBC-HS256");
    jwe.setKeyIdHeaderValue("rsa");
    jwe.setKey(rsa.getKey());
    return jwe.getCompactSerialization();
  }

  private void misdirected() {
    wrong("another issuer", c -> c.setIssuer("https://evil.example/"), INVALID);
    wrong("an issuer without its slash", c -> c.setIssuer("https://login.example.com"), INVALID);
    wrong("no issuer", c -> c.unsetClaim("iss"), INVALID);
    wrong("a list of issuers", c -> c.setClaim("iss", List.of(Issuer.NAME)), INVALID);
    wrong("another audience", c -> c.setAudience("https://a.example/mcp"), "wrongAudience");
    wrong("an audience cut short", c -> c.setAudience("https://mcp.example.com"), "wrongAudience");
    wrong("no audience", c -> c.unsetClaim("aud"), "wrongAudience");
    wrong("expired", c -> c.setExpirationTime(NumericDate.fromSeconds(NOW - 31)), "expired");
    wrong("no expiry", c -> c.unsetClaim("exp"), INVALID);
    wrong("an expiry that is no number", c -> c.setClaim("exp", "never"), INVALID);
    wrong("not yet", c -> c.setNotBefore(NumericDate.fromSeconds(NOW + 31)), INVALID);
    wrong("issued later", c -> c.setIssuedAt(NumericDate.fromSeconds(NOW + 60)), INVALID);
  }

  private void unclaimed() {
    wrong("no subject", c -> c.unsetClaim("sub"), INVALID);
    wrong("the operator's name", c -> c.setSubject("local"), INVALID);
    wrong("a key's name", c -> c.setSubject("key:da5f49834b5ed411"), INVALID);
    wrong("an empty subject", c -> c.setSubject(""), INVALID);
    wrong("a line break", c -> c.setSubject("a\r\nX-User-Id: b"), INVALID);
    wrong("a blank", c -> c.setSubject("a b"), INVALID);
    wrong("a comma and a blank", c -> c.setSubject("alice, bob"), INVALID);
    wrong("letters that no header has", c -> c.setSubject("ali\u00e7e"), INVALID);
    wrong("a subject of 256", c -> c.setSubject("a".repeat(256)), INVALID);
    wrong("a subject that is a number", c -> c.setClaim("sub", 7), INVALID);
  }

  private void wrong(String what, Consumer<JwtClaims> change, String verdict) {
    add(what, Issuer.token(ec, "ES256", claims(change)), verdict);
  }

  private void scoped() {
    scoped("scope", "mcp", GOOD);
    scoped("scope", "mail mcp", GOOD);
    scoped("scp", "mcp", GOOD);
    scoped("scp", List.of("mail", "mcp"), GOOD);
    scoped("scope", "mcpx", "insufficientScope");
    scoped("scope", "MCP", "insufficientScope");
    scoped("other", "mcp", "insufficientScope");
  }

  private void scoped(String claim, Object value, String verdict) {
    String token = Issuer.token(ed, "EdDSA", claims(c -> c.setClaim(claim, value)));
    add(claim + " " + value, token, verdict).putArray("scopes").add("mcp");
  }
}
