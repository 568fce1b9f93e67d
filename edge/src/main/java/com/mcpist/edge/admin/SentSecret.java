package com.mcpist.edge.admin;

import com.mcpist.edge.wire.Hmac;
import java.util.HexFormat;
import java.util.function.Supplier;

/** The gateway secret that origins are shown. Any thread may replace it. It prints redacted. */
public final class SentSecret implements Supplier<String> {
  static final String NAME = "GATEWAY_SECRET";

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

  /**
   * Returns a proof that this is the value, without the value; docs/design/secrets.md has the form.
   */
  String proof(String nonce) {
    return HexFormat.of().formatHex(Hmac.sha256(value, PURPOSE + "\n" + NAME + "\n" + nonce));
  }

  @Override
  public String toString() {
    return "[redacted]";
  }
}
