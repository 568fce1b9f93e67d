package com.mcpist.edge.gate.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * API keys by their form: {@code mcpist_}, 43 characters of base64url, and a checksum of 6 in base
 * 62. Which of them exist, only an origin knows.
 */
final class ApiKeys {
  static final String PREFIX = "mcpist_";
  private static final Pattern FORM = Pattern.compile("mcpist_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}");
  private static final int CHECKED = PREFIX.length() + 43;
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private ApiKeys() {}

  /** Whether this could be a key: what is mistyped or made up need not trouble a database. */
  static boolean wellFormed(String token) {
    return FORM.matcher(token).matches()
        && token.substring(CHECKED).equals(checksum(token.substring(0, CHECKED)));
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

  /** The first 16 hexadecimal digits of its SHA-256: tells keys apart, and is none. */
  static String shortDigest(String key) {
    return HexFormat.of().formatHex(sha256(key), 0, 8);
  }

  static byte[] sha256(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return sha256.digest(text.getBytes(StandardCharsets.US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }
}
