package com.mcpist.edge.gate;

import com.mcpist.edge.wire.Hmac;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/** The token that shows that a request is the operator's. It prints redacted. */
public final class AdminToken {
  private static final String SCHEME = "Bearer ";

  private final String value;

  public AdminToken(String value) {
    this.value = value;
  }

  /** Returns true if there is only one of these headers, and it carries the token. */
  public boolean isIn(List<String> authorization) {
    return authorization.size() == 1
        && authorization.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && is(authorization.getFirst().substring(SCHEME.length()));
  }

  /**
   * Returns true if the given text is the token, in a time that does not tell how much of it is
   * right.
   */
  public boolean is(String given) {
    return MessageDigest.isEqual(bytes(given), bytes(value));
  }

  /** Returns the HMAC-SHA256 of a text with the token as its key, in base64url. */
  public String sign(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Hmac.sha256(value, text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "[redacted]";
  }
}
