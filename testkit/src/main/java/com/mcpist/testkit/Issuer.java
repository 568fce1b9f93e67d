package com.mcpist.testkit;

import java.io.IOException;
import java.net.URI;
import java.security.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** An authorization server, as far as a resource server sees one: its keys, and its tokens. */
public final class Issuer implements AutoCloseable {
  /** The {@code iss} of its tokens. */
  public static final String NAME = "https://login.example.com/";

  private final FaultServer server = FaultServer.start();
  private final List<JsonWebKey> published = new ArrayList<>();

  /** Answers with no key yet. */
  public static Issuer start() {
    Issuer issuer = new Issuer();
    issuer.publish();
    return issuer;
  }

  private Issuer() {}

  /** What answers for its keys, so that it can be made to fail. */
  public FaultServer server() {
    return server;
  }

  /** Where its keys are. */
  public URI jwks() {
    return URI.create(server.url() + "/jwks.json");
  }

  /** Makes a key for this algorithm, and publishes it under this id. */
  public PublicJsonWebKey key(String id, String algorithm) {
    PublicJsonWebKey key = unpublished(id, algorithm);
    published.add(key);
    publish();
    return key;
  }

  /** Makes a key that is not published. */
  public static PublicJsonWebKey unpublished(String id, String algorithm) {
    try {
      PublicJsonWebKey key =
          switch (algorithm) {
            case "RS256", "PS256" -> RsaJwkGenerator.generateJwk(2048);
            case "ES256" -> EcJwkGenerator.generateJwk(EllipticCurves.P256);
            case "EdDSA" -> OkpJwkGenerator.generateJwk("Ed25519");
            default -> throw new IllegalArgumentException(algorithm);
          };
      key.setKeyId(id);
      return key;
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes all keys back. */
  public void forget() {
    published.clear();
    publish();
  }

  private void publish() {
    String json = new JsonWebKeySet(published).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    server.always(Behaviour.answer(200, json));
  }

  /** Claims that a server takes for which this is the audience: of now, for five minutes. */
  public static JwtClaims claims(String audience, String subject) {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer(NAME);
    claims.setAudience(audience);
    claims.setSubject(subject);
    claims.setIssuedAtToNow();
    claims.setExpirationTimeMinutesInTheFuture(5);
    return claims;
  }

  /** A token with these claims. */
  public static String token(PublicJsonWebKey key, String algorithm, JwtClaims claims) {
    return token(key.getPrivateKey(), algorithm, claims.toJson(), Map.of("kid", key.getKeyId()));
  }

  /**
   * A token as told.
   *
   * @param key what signs it; null only for the algorithm {@code none}
   * @param headers beside {@code alg}
   */
  public static String token(
      @Nullable Key key, String algorithm, String payload, Map<String, ?> headers) {
    JsonWebSignature signed = new JsonWebSignature();
    signed.setPayload(payload);
    signed.setAlgorithmHeaderValue(algorithm);
    signed.setKey(key);
    headers.forEach(signed.getHeaders()::setObjectHeaderValue);
    signed.setDoKeyValidation(false);
    signed.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
    try {
      return signed.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
