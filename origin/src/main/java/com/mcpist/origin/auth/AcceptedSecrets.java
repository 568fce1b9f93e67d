package com.mcpist.origin.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/**
 * The accepted values of a secret: several while a rotation is under way. The router asks it for
 * the gateway secret, the admin path for its token. Prints redacted.
 */
public final class AcceptedSecrets {
  private final List<byte[]> accepted;

  private AcceptedSecrets(List<byte[]> accepted) {
    this.accepted = accepted;
  }

  /** Throws IllegalArgumentException when there is none, or one is empty. */
  public static AcceptedSecrets of(List<String> values) {
    if (values.isEmpty() || values.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("An accepted secret must not be empty");
    }
    return new AcceptedSecrets(
        values.stream().map(v -> v.getBytes(StandardCharsets.UTF_8)).toList());
  }

  /** Asks for no gateway secret: development only. */
  public static AcceptedSecrets notRequired() {
    return new AcceptedSecrets(List.of());
  }

  public boolean required() {
    return !accepted.isEmpty();
  }

  /** Whether a request may pass whose header has exactly these values. */
  public boolean accept(List<String> headerValues) {
    if (!required()) {
      return true;
    }
    if (headerValues.size() != 1) {
      return false;
    }
    byte[] given = headerValues.getFirst().getBytes(StandardCharsets.UTF_8);
    boolean match = false;
    // Every accepted value is compared, so that time does not tell which one it was.
    for (byte[] secret : accepted) {
      match |= MessageDigest.isEqual(secret, given);
    }
    return match;
  }

  @Override
  public String toString() {
    return "AcceptedSecrets[redacted]";
  }
}
