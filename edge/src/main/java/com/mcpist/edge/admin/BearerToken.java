package com.mcpist.edge.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** A token that is compared in constant time and never printed. */
public final class BearerToken {
  private static final String SCHEME = "Bearer ";

  private final byte[] token;

  public BearerToken(String token) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a request's one Authorization header carries this token. */
  boolean isIn(List<String> authorization) {
    if (authorization.size() != 1
        || !authorization.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] given =
        authorization.getFirst().substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(given, token);
  }

  @Override
  public String toString() {
    return "[token]";
  }
}
