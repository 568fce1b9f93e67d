package com.mcpist.deploy.secret;

import module java.base;

/** An API key: {@code mcpist_}, 256 bits in base64url, and a checksum of six characters. */
public final class ApiKey {
  private static final String PREFIX = "mcpist_";
  private static final int RANDOM_BYTES = 32;
  private static final int CHECKSUM_LENGTH = 6;
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final Pattern FORM =
      Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}[0-9A-Za-z]{" + CHECKSUM_LENGTH + "}");

  private final String text;

  private ApiKey(String text) {
    this.text = text;
  }

  public static ApiKey create() {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    return of(random);
  }

  static ApiKey of(byte[] random) {
    String body = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    return new ApiKey(body + checksum(body));
  }

  /** A key that was made before; empty where the text is none, or is not all of one. */
  public static Optional<ApiKey> parse(String text) {
    int body = text.length() - CHECKSUM_LENGTH;
    return FORM.matcher(text).matches()
            && text.substring(body).equals(checksum(text.substring(0, body)))
        ? Optional.of(new ApiKey(text))
        : Optional.empty();
  }

  /** A key that was copied with a character too few or too many is as secret. */
  public static boolean isSuspected(String text) {
    return text.toLowerCase(Locale.ROOT).contains(PREFIX);
  }

  public static boolean isDigest(String text) {
    return text.matches("[0-9a-f]{64}");
  }

  private static String checksum(String body) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    char[] digits = new char[CHECKSUM_LENGTH];
    long rest = crc.getValue();
    for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
      digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
      rest /= DIGITS.length();
    }
    return new String(digits);
  }

  public Secret secret() {
    return Secret.of(text);
  }

  /** What the origins keep of it: SHA-256, in 64 hexadecimal digits. */
  public String digest() {
    byte[] digest = Secret.sha256().digest(text.getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest);
  }

  @Override
  public String toString() {
    return "ApiKey[" + PREFIX + "…]";
  }
}
