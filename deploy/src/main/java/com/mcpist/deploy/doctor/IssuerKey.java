package com.mcpist.deploy.doctor;

import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A key of an issuer's set (RFC 7517), judged as both edges judge it: what only one of them takes
 * would let a client in by one edge and not by the other.
 */
record IssuerKey(JsonNode json) {
  private static final int LEAST_RSA_BITS = 2048;
  private static final int CURVE_BYTES = 32;

  /** Whether an edge would check a signature with it. */
  boolean isUsable() {
    return isForSignatures()
        && (isAbsent("kid") || json.path("kid").isString())
        && switch (text("kty") + " " + text("crv")) {
          case "RSA " -> isOf("RS256", "PS256") && modulusBits() >= LEAST_RSA_BITS && has("e");
          case "EC P-256" -> isOf("ES256") && isCoordinate("x") && isCoordinate("y");
          // Ed25519 as a name of the algorithm (RFC 9864) is newer than what the edges go by.
          case "OKP Ed25519" -> isOf("EdDSA") && isCoordinate("x");
          default -> false;
        };
  }

  private boolean isForSignatures() {
    boolean use = isAbsent("use") || text("use").equals("sig");
    boolean operations =
        isAbsent("key_ops")
            || json.path("key_ops")
                .valueStream()
                .anyMatch(one -> one.asString("").equals("verify"));
    return use && operations;
  }

  private boolean isOf(String... algorithms) {
    return isAbsent("alg") || List.of(algorithms).contains(text("alg"));
  }

  /** Null is as if it were not there. */
  private boolean isAbsent(String member) {
    JsonNode value = json.path(member);
    return value.isMissingNode() || value.isNull();
  }

  private boolean has(String member) {
    return bytes(member).filter(bytes -> bytes.length > 0).isPresent();
  }

  private int modulusBits() {
    return bytes("n").map(bytes -> new BigInteger(1, bytes).bitLength()).orElse(0);
  }

  private boolean isCoordinate(String member) {
    return bytes(member).filter(bytes -> bytes.length == CURVE_BYTES).isPresent();
  }

  private Optional<byte[]> bytes(String member) {
    try {
      return Optional.of(Base64.getUrlDecoder().decode(text(member)));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private String text(String member) {
    JsonNode value = json.path(member);
    return value.isString() ? value.asString() : "";
  }
}
