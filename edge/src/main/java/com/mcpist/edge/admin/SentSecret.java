package com.mcpist.edge.admin;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The gateway secret that origins are shown; any thread may replace it. Prints redacted. */
public final class SentSecret implements Supplier<String> {
  static final String NAME = "GATEWAY_SECRET";

  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "mcpist secret check v1";

  private volatile String value;

  public SentSecret(String value) {
    this.value = value;
  }

  @Override
  public String get() {
    return value;
  }

  void replace(String other) {
    value = other;
  }

  static boolean isOne(String text) {
    return text.matches("[!-+\\--~]{32,1024}");
  }

  /** Shows that this is the value, without the value; docs/design/secrets.md has the form. */
  String proof(String nonce) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes(value), ALGORITHM));
      return HexFormat.of().formatHex(mac.doFinal(bytes(PURPOSE + "\n" + NAME + "\n" + nonce)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("The JDK has no " + ALGORITHM, e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "[redacted]";
  }
}
