package com.mcpist.edge.auth;

import java.security.Key;
import java.util.List;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** An issuer's public keys. Immutable; two of the same text are not equal. */
final class KeySet {
  /** Before any was had. */
  static final KeySet NONE = new KeySet(List.of());

  private final List<JsonWebKey> keys;

  private KeySet(List<JsonWebKey> keys) {
    this.keys = keys;
  }

  /**
   * Reads a JSON Web Key Set (RFC 7517); keys of an unknown kind are passed over.
   *
   * @throws IllegalArgumentException where it is none, or has no key with which a token can be
   *     verified
   */
  static KeySet parse(String json) {
    List<JsonWebKey> usable;
    try {
      usable = new JsonWebKeySet(json).getJsonWebKeys().stream().filter(KeySet::signs).toList();
    } catch (JoseException | RuntimeException e) {
      throw new IllegalArgumentException("not a JSON Web Key Set", e);
    }
    if (usable.isEmpty()) {
      throw new IllegalArgumentException("without a key of RSA, P-256 or Ed25519 for signatures");
    }
    return new KeySet(usable);
  }

  private static boolean signs(JsonWebKey key) {
    boolean forSignatures = key.getUse() == null || key.getUse().equals("sig");
    boolean verifies = key.getKeyOps() == null || key.getKeyOps().contains("verify");
    return key instanceof PublicJsonWebKey && forSignatures && verifies;
  }

  boolean isEmpty() {
    return keys.isEmpty();
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
            .filter(key -> fits(key, algorithm))
            .toList();
    return fitting.size() == 1 ? Optional.of(fitting.getFirst().getKey()) : Optional.empty();
  }

  private static boolean fits(JsonWebKey key, String algorithm) {
    if (key.getAlgorithm() != null && !key.getAlgorithm().equals(algorithm)) {
      return false;
    }
    return switch (algorithm) {
      case "RS256", "PS256" -> key.getKeyType().equals("RSA");
      case "ES256" -> key.getKeyType().equals("EC");
      case "EdDSA" -> key.getKeyType().equals("OKP");
      default -> false;
    };
  }
}
