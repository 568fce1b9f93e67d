package com.mcpist.origin.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** What an API key looks like: {@code mcpist_}, 256 bits in base64url, and a checksum in base62. */
final class ApiKey {
  static final String PREFIX = "mcpist_";

  private static final Pattern FORM = Pattern.compile("mcpist_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}");
  private static final int CHECKSUM_LENGTH = 6;
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private ApiKey() {}

  /** SHA-256 of the key in lower-case hex; empty where the text is no key. */
  static Optional<String> digest(String text) {
    if (!FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    int end = text.length() - CHECKSUM_LENGTH;
    if (!checksum(text.substring(0, end)).equals(text.substring(end))) {
      return Optional.empty();
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return Optional.of(
          HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.US_ASCII))));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }

  /** CRC32, as in other services' tokens; it finds typing errors and is no secret. */
  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    char[] digits = new char[CHECKSUM_LENGTH];
    long rest = crc.getValue();
    for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
      digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
      rest /= DIGITS.length();
    }
    return new String(digits);
  }
}
