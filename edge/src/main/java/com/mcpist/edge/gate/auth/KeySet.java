package com.mcpist.edge.gate.auth;

import java.security.Key;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An issuer's public keys. Immutable; two sets of the same text are not equal. */
final class KeySet {
  static final Set<String> ALGORITHMS = Set.of("RS256", "PS256", "ES256", "EdDSA");

  /**
   * The members that make a public key, or tell it from others. There is no certificate and no
   * address among them.
   */
  private static final List<String> MEMBERS =
      List.of("kty", "kid", "alg", "n", "e", "crv", "x", "y");

  /** The form of a coordinate, which has 32 bytes. */
  private static final Pattern COORDINATE = Pattern.compile("[A-Za-z0-9_-]{43}");

  /** The form of a modulus, which has 2048 bits or more: with fewer, no signature is taken. */
  private static final Pattern MODULUS = Pattern.compile("[A-Za-z0-9_-]{342,}");

  private static final Pattern NUMBER = Pattern.compile("[A-Za-z0-9_-]+");

  static final KeySet NONE = new KeySet(List.of());

  private final List<JsonWebKey> keys;

  private KeySet(List<JsonWebKey> keys) {
    this.keys = keys;
  }

  /**
   * Reads a JSON Web Key Set (RFC 7517). Keys with which no token can be verified are passed over,
   * whatever they are. That may leave no keys, since an issuer may take all of them back.
   *
   * @throws IllegalArgumentException if the text is no such set
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
    return new KeySet(keys.valueStream().flatMap(key -> read(key).stream()).toList());
  }

  boolean has(String keyId) {
    return keys.stream().anyMatch(key -> keyId.equals(key.getKeyId()));
  }

  /**
   * Returns the key of a token. If {@code keyId} is null, the token names no key, and only a single
   * fitting key will do.
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

  /**
   * Returns true if a key is of an algorithm's type. Of each type, only keys of one curve are read.
   */
  private static boolean isOf(JsonWebKey key, String algorithm) {
    return switch (algorithm) {
      case "RS256", "PS256" -> key.getKeyType().equals("RSA");
      case "ES256" -> key.getKeyType().equals("EC");
      case "EdDSA" -> key.getKeyType().equals("OKP");
      default -> false;
    };
  }

  /** Returns the key, if a token can be verified with it. A null member counts as absent. */
  private static Optional<JsonWebKey> read(JsonNode key) {
    Map<String, Object> members = new HashMap<>();
    for (String name : MEMBERS) {
      JsonNode member = key.path(name);
      if (member.isString()) {
        members.put(name, member.asString());
      } else if (isThere(member)) {
        return Optional.empty();
      }
    }
    if (!verifies(key) || !isWhole(members)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JsonWebKey.Factory.newJwk(members));
    } catch (JoseException | RuntimeException e) {
      // The members have the form of a key, but their numbers make none. Such a key is passed over,
      // too.
      return Optional.empty();
    }
  }

  private static boolean isThere(JsonNode member) {
    return !member.isMissingNode() && !member.isNull();
  }

  private static boolean verifies(JsonNode key) {
    JsonNode use = key.path("use");
    JsonNode operations = key.path("key_ops");
    boolean forSignatures = !isThere(use) || (use.isString() && use.asString().equals("sig"));
    boolean forVerifying =
        operations.isArray()
            ? operations.valueStream().anyMatch(o -> o.isString() && o.asString().equals("verify"))
            : !isThere(operations);
    return forSignatures && forVerifying;
  }

  private static boolean isWhole(Map<String, Object> key) {
    return switch (text(key, "kty")) {
      case "RSA" -> has(key, "n", MODULUS) && has(key, "e", NUMBER);
      case "EC" ->
          text(key, "crv").equals("P-256")
              && has(key, "x", COORDINATE)
              && has(key, "y", COORDINATE);
      case "OKP" -> text(key, "crv").equals("Ed25519") && has(key, "x", COORDINATE);
      default -> false;
    };
  }

  private static boolean has(Map<String, Object> key, String name, Pattern form) {
    return form.matcher(text(key, name)).matches();
  }

  private static String text(Map<String, Object> key, String name) {
    return key.getOrDefault(name, "").toString();
  }
}
