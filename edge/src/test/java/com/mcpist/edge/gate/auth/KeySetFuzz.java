package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;

/** Fuzz target: an issuer's answer. */
public final class KeySetFuzz {
  private KeySetFuzz() {}

  /**
   * Checks that the answer is refused, or has public keys, each for algorithms of its own kind
   * only.
   */
  public static void fuzzerTestOneInput(byte[] input) {
    KeySet keys;
    try {
      keys = KeySet.parse(new String(input, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).isEqualTo("not a JSON Web Key Set");
      return;
    }
    for (String id : List.of("rsa", "ec", "ed", "")) {
      for (String algorithm : List.of("none", "HS256", "RS512", "RSA-OAEP-256", "")) {
        assertThat(keys.find(id, algorithm)).isEmpty();
      }
      for (String algorithm : List.of("RS256", "PS256", "ES256", "EdDSA")) {
        Optional<Key> key = keys.find(id, algorithm);
        assertThat(key.stream()).allMatch(PublicKey.class::isInstance);
        assertThat(key.isEmpty() || keys.has(id)).isTrue();
      }
    }
  }
}
