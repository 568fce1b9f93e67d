package com.mcpist.origin.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** The accepted bearer tokens: several while a rotation is under way. Prints redacted. */
public final class AdminTokens {
  private static final String SCHEME = "Bearer ";

  private final List<byte[]> accepted;

  /**
   * Accepts these tokens.
   *
   * @throws IllegalArgumentException when there is none, or one is empty
   */
  public AdminTokens(List<String> tokens) {
    if (tokens.isEmpty() || tokens.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("An admin token must not be empty");
    }
    accepted = tokens.stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** Whether a request with exactly these values of Authorization may pass. */
  boolean accept(List<String> authorization) {
    if (authorization.size() != 1
        || !authorization.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] given =
        authorization.getFirst().substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8);
    boolean match = false;
    // Every accepted one is compared, so that time does not tell which one it was.
    for (byte[] token : accepted) {
      match |= MessageDigest.isEqual(token, given);
    }
    return match;
  }

  @Override
  public String toString() {
    return "AdminTokens[redacted]";
  }
}
