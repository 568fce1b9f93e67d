package com.mcpist.edge.gate.auth;

import static com.mcpist.edge.gate.auth.TokenVectors.GOOD;
import static com.mcpist.edge.gate.auth.TokenVectors.INVALID;
import static com.mcpist.edge.gate.auth.TokenVectors.claims;
import static com.mcpist.edge.gate.auth.TokenVectors.set;

import com.mcpist.testkit.Issuer;
import java.util.List;
import java.util.Map;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Makes the vectors that are about the set: a good token, and keys of many kinds. */
final class KeySetVectors {
  private final TokenVectors vectors;
  private final PublicJsonWebKey rsa;
  private final PublicJsonWebKey ec;
  private final String token;
  private final String nameless;

  private KeySetVectors(TokenVectors vectors) {
    this.vectors = vectors;
    this.rsa = vectors.rsa;
    this.ec = vectors.ec;
    this.token = Issuer.token(rsa, "RS256", claims());
    this.nameless = Issuer.token(rsa.getPrivateKey(), "RS256", claims().toJson(), Map.of());
  }

  static void addTo(TokenVectors vectors) throws JoseException {
    KeySetVectors sets = new KeySetVectors(vectors);
    sets.odd();
    sets.nulls();
    sets.membersOfWrongTypes();
    sets.besideTheGoodOne();
  }

  private void odd() throws JoseException {
    PublicJsonWebKey second = Issuer.unpublished("rsa-2", "RS256");
    with("no key id, and two keys of its kind", nameless, set(rsa, second), INVALID);
    with("a key for encryption", token, set(copy("enc", null), ec), INVALID);
    with("a key for another algorithm", token, set(copy(null, "PS256"), ec), INVALID);
    with("no key at all", token, "{\"keys\":[]}", INVALID);
    JsonWebKey p384 = EcJwkGenerator.generateJwk(EllipticCurves.P384);
    String curved = Issuer.token(ec.getPrivateKey(), "ES256", claims().toJson(), Map.of());
    with("no key id, and a key of another curve beside", curved, set(ec, p384), GOOD);
  }

  private PublicJsonWebKey copy(@Nullable String use, @Nullable String algorithm)
      throws JoseException {
    PublicJsonWebKey copy =
        PublicJsonWebKey.Factory.newPublicJwk(
            rsa.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
    copy.setUse(use);
    copy.setAlgorithm(algorithm);
    return copy;
  }

  private void nulls() {
    for (String member : List.of("use", "alg", "key_ops", "x5c")) {
      with("a key whose " + member + " is null", token, changed(member, "null"), GOOD);
    }
    with("no key id, and a key whose id is null", nameless, changed("kid", "null"), GOOD);
    with("a key whose kty is null", token, changed("kty", "null"), INVALID);
    with("a key whose n is null", token, changed("n", "null"), INVALID);
  }

  private void membersOfWrongTypes() {
    for (String member : List.of("use", "alg", "key_ops", "n", "e", "kty")) {
      for (String value : List.of("7", "true", "{}", "[]", "[null]")) {
        with("a key whose " + member + " is " + value, token, changed(member, value), INVALID);
      }
    }
    with("no key id, and a key whose id is a number", nameless, changed("kid", "7"), INVALID);
    with("key_ops that is a text", token, changed("key_ops", "\"verify\""), INVALID);
    with("key_ops without verify", token, changed("key_ops", "[\"sign\"]"), INVALID);
    with("key_ops with verify", token, changed("key_ops", "[\"sign\",\"verify\"]"), GOOD);
    with("key_ops with verify among others", token, changed("key_ops", "[7,\"verify\"]"), GOOD);
    with("a chain of certificates that is none", token, changed("x5c", "[\"AAAA\"]"), GOOD);
  }

  private void besideTheGoodOne() {
    for (String other : List.of("null", "7", "\"rsa\"", "[]", "{}", "{\"kid\":\"rsa\"}")) {
      with("beside it " + other, token, beside(other), GOOD);
    }
    for (String member : List.of("use", "alg", "key_ops", "n", "crv")) {
      String other = changedKey(member, "7");
      with("beside it one of its id whose " + member + " is 7", token, beside(other), GOOD);
    }
    for (String number : List.of("", "!", "AQAB", "n n")) {
      String other = changedKey("n", "\"" + number + "\"");
      with("beside it one of its id whose n is '" + number + "'", token, beside(other), GOOD);
    }
    with("beside it another of its id", token, beside(changedKey("e", "\"Aw\"")), INVALID);
  }

  /** Returns a set of the RSA key alone with one member changed. */
  private String changed(String member, String value) {
    return "{\"keys\":[" + changedKey(member, value) + "]}";
  }

  private String changedKey(String member, String value) {
    String key = rsa.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    return ((ObjectNode) vectors.json.readTree(key))
        .set(member, vectors.json.readTree(value))
        .toString();
  }

  private String beside(String other) {
    String key = rsa.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    return "{\"keys\":[" + other + "," + key + "]}";
  }

  private void with(String what, String token, String keys, String verdict) {
    vectors.add(what, token, verdict).set("keys", vectors.json.readTree(keys));
  }
}
