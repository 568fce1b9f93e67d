package com.mcpist.deploy.secret;

import module java.base;

import org.jspecify.annotations.Nullable;

/** A value that is nobody's to read: it prints redacted, and takes itself out of others' texts. */
public final class Secret {
  public static final String REDACTED = "[redacted]";

  /** A shorter value would be found in any text by chance. */
  private static final int SHORTEST_REDACTED = 4;

  private static final int RANDOM_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  public static Secret of(String value) {
    return new Secret(value);
  }

  /** 256 bits that nobody can guess, as 64 hexadecimal digits. */
  public static Secret random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(bytes);
    return new Secret(HexFormat.of().formatHex(bytes));
  }

  /** A variable's value without the blanks around it; empty when it is not set or blank. */
  public static Optional<Secret> fromEnvironment(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .map(Secret::new);
  }

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }

  public String reveal() {
    return value;
  }

  /** HMAC-SHA256 of a text with this as the key, in lower-case hexadecimal digits. */
  public String hmac(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(bytes(), mac.getAlgorithm()));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }

  /** A text of somebody else, an error message say, without this value in it. */
  public String redact(String text) {
    return value.length() < SHORTEST_REDACTED ? text : text.replace(value, REDACTED);
  }

  public static String redact(String text, Stream<Secret> secrets) {
    String redacted = text;
    for (Secret one : secrets.toList()) {
      redacted = one.redact(redacted);
    }
    return redacted;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  private byte[] bytes() {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return REDACTED;
  }
}
