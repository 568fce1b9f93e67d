package com.mcpist.edge.gate.auth;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.lang.JoseException;
import tools.jackson.databind.JsonNode;

/** Reads one key of an issuer's set (RFC 7517). Pure. */
final class PublicKeyReader {
  /** What a public key is made of, and what tells it from others: no certificate, no address. */
  private static final List<String> MEMBERS =
      List.of("kty", "kid", "alg", "n", "e", "crv", "x", "y");

  /** 32 bytes: a coordinate. */
  private static final Pattern COORDINATE = Pattern.compile("[A-Za-z0-9_-]{43}");

  /** From 2048 bits: with less no signature is taken. */
  private static final Pattern MODULUS = Pattern.compile("[A-Za-z0-9_-]{342,}");

  private static final Pattern NUMBER = Pattern.compile("[A-Za-z0-9_-]+");

  private PublicKeyReader() {}

  /**
   * The key, where a token can be verified with it. A member that is null is as one that is not
   * there.
   */
  static Optional<JsonWebKey> read(JsonNode key) {
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
      // It has the form of a key, and its numbers are none's: one more that is passed over.
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
