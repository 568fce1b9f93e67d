package com.mcpist.edge.gate;

import com.mcpist.edge.wire.Hmac;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/** What shows that a request is the operator's. Prints redacted. */
public final class AdminToken {
  private static final String SCHEME = "Bearer ";

  private final String value;

  public AdminToken(String value) {
    this.value = value;
  }

  /** Whether a request carries it in the only one of these headers. */
  public boolean isIn(List<String> authorization) {
    return authorization.size() == 1
        && authorization.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && is(authorization.getFirst().substring(SCHEME.length()));
  }

  /** In a time that does not tell how much of it is right. */
  public boolean is(String given) {
    return MessageDigest.isEqual(bytes(given), bytes(value));
  }

  /** The HMAC-SHA256 of a text by it, in base64url. */
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
