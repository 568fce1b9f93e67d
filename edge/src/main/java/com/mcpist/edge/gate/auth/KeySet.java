package com.mcpist.edge.gate.auth;

import java.security.Key;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An issuer's public keys. Immutable; two of the same text are not equal. */
final class KeySet {
  static final Set<String> ALGORITHMS = Set.of("RS256", "PS256", "ES256", "EdDSA");

  /** Before any was had. */
  static final KeySet NONE = new KeySet(List.of());

  private final List<JsonWebKey> keys;

  private KeySet(List<JsonWebKey> keys) {
    this.keys = keys;
  }

  /**
   * Reads a JSON Web Key Set (RFC 7517); keys with which no token can be verified are passed over,
   * whatever they are, and that may leave none: an issuer may take all of them back.
   *
   * @throws IllegalArgumentException where it is no such set
   */
  static KeySet parse(String json) {
    JsonNode keys;
    try {
      keys = JsonMapper.shared().readTree(json).path("keys");
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not a JSON Web Key Set", e);
    }
    if (!keys.isArray()) {
      throw new IllegalArgumentException("not a JSON Web Key Set");
    }
    return new KeySet(
        keys.valueStream().flatMap(key -> PublicKeyReader.read(key).stream()).toList());
  }

  /** Whether a key has this id. */
  boolean has(String keyId) {
    return keys.stream().anyMatch(key -> keyId.equals(key.getKeyId()));
  }

  /**
   * The key of a token.
   *
   * @param keyId as the token names it; null: it names none, and only a single key will do
   * @param algorithm the token's
   */
  Optional<Key> find(@Nullable String keyId, String algorithm) {
    List<JsonWebKey> fitting =
        keys.stream()
            .filter(key -> keyId == null || keyId.equals(key.getKeyId()))
            .filter(key -> key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
            .filter(key -> isOf(key, algorithm))
            .toList();
    return fitting.size() == 1 ? Optional.of(fitting.getFirst().getKey()) : Optional.empty();
  }

  private static boolean isOf(JsonWebKey key, String algorithm) {
    return switch (algorithm) {
      case "RS256", "PS256" -> key instanceof RsaJsonWebKey;
      case "ES256" ->
          key instanceof EllipticCurveJsonWebKey curve && curve.getCurveName().equals("P-256");
      case "EdDSA" ->
          key instanceof OctetKeyPairJsonWebKey pair && pair.getSubtype().equals("Ed25519");
      default -> false;
    };
  }
}
