package com.mcpist.edge.gate.auth;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Reads from a request who makes it: the Authorization header as RFC 6750 has it. The results
 * depend on the arguments alone.
 */
final class Credentials {
  static final int MAX_TOKEN = 8 * 1024;
  private static final Pattern SCHEME =
      Pattern.compile("(?:^|,[ \t]*)Bearer\\b", Pattern.CASE_INSENSITIVE);
  private static final Pattern FORM =
      Pattern.compile("Bearer +([A-Za-z0-9._~+/-]+=*)", Pattern.CASE_INSENSITIVE);

  static final String KEY_PREFIX = "mcpist_";
  private static final Pattern KEY = Pattern.compile("mcpist_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}");
  private static final int KEY_CHECKED = KEY_PREFIX.length() + 43;
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private Credentials() {}

  /**
   * Returns true if there are no credentials, or only credentials of a scheme that is unknown here,
   * which counts the same. Two headers count as one with a comma, as another edge has them.
   */
  static boolean areNone(List<String> authorization) {
    return !SCHEME.matcher(String.join(", ", authorization)).find();
  }

  /** Returns the token; empty if the header is there twice, or does not have this form. */
  static Optional<String> token(List<String> authorization) {
    if (authorization.size() != 1) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(authorization.getFirst());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /**
   * Returns true if a request's target has a token in its query, however its name is written. Such
   * a token would stand in logs, and go on to an origin.
   */
  static boolean areInQuery(String uri) {
    int query = uri.indexOf('?');
    return query >= 0
        && Arrays.stream(uri.substring(query + 1).split("&", -1))
            .anyMatch(Credentials::isTokenParameter);
  }

  private static boolean isTokenParameter(String parameter) {
    String name = parameter.split("=", 2)[0];
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8).equalsIgnoreCase("access_token");
    } catch (IllegalArgumentException e) {
      // A name with a percent sign that escapes nothing is another name.
      return false;
    }
  }

  /**
   * Returns true if a token could be an API key: {@code mcpist_}, 43 characters of base64url, and a
   * checksum of 6 in base 62. Only an origin knows which keys exist. A key that is mistyped or made
   * up need not reach the origin's database.
   */
  static boolean isKey(String token) {
    return KEY.matcher(token).matches()
        && token.substring(KEY_CHECKED).equals(checksum(token.substring(0, KEY_CHECKED)));
  }

  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    char[] digits = new char[6];
    long rest = crc.getValue();
    for (int i = digits.length - 1; i >= 0; i--) {
      digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
      rest /= DIGITS.length();
    }
    return new String(digits);
  }

  /**
   * Returns the SHA-256 of a key or token in hexadecimal digits. The digest tells credentials
   * apart, and is not a credential itself.
   */
  static String digest(String token) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }
}
