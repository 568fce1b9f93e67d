package com.mcpist.origin.mcp;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that authenticate what a client carries from one round of a request to the next. All
 * origins derive the same ones, so that any of them can go on. Prints redacted.
 */
public final class StateKeys {
  private static final String ALGORITHM = "HmacSHA256";
  private static final byte[] PURPOSE =
      "mcpist request state v1".getBytes(StandardCharsets.US_ASCII);

  private final List<SecretKeySpec> keys;

  private StateKeys(List<SecretKeySpec> keys) {
    this.keys = keys;
  }

  /**
   * Keys derived from the accepted gateway secrets: the first signs, any of them is believed, so
   * that a rotation breaks no round that is under way.
   */
  public static StateKeys derivedFrom(List<String> secrets) {
    return new StateKeys(
        secrets.stream()
            .map(s -> mac(key(s.getBytes(StandardCharsets.UTF_8)), PURPOSE))
            .map(StateKeys::key)
            .toList());
  }

  /** A key that only this process knows: for development, where there is one origin. */
  public static StateKeys ofThisProcess() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    return new StateKeys(List.of(key(random)));
  }

  byte[] sign(byte[] message) {
    return mac(keys.getFirst(), message);
  }

  boolean verify(byte[] message, byte[] signature) {
    boolean match = false;
    for (SecretKeySpec key : keys) {
      match |= MessageDigest.isEqual(mac(key, message), signature);
    }
    return match;
  }

  private static SecretKeySpec key(byte[] bytes) {
    return new SecretKeySpec(bytes, ALGORITHM);
  }

  private static byte[] mac(SecretKeySpec key, byte[] message) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(message);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("The JDK has no " + ALGORITHM, e);
    }
  }

  @Override
  public String toString() {
    return "StateKeys[redacted]";
  }
}
