package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.module.AttemptFailedException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * The key that authenticates what a client carries from one round of a request to the next. All
 * origins have the same one, so that any of them can go on. Prints redacted.
 */
public final class StateKey {
  private static final String ALGORITHM = "HmacSHA256";

  private final Supplier<Optional<SecretKey>> key;

  private StateKey(Supplier<Optional<SecretKey>> key) {
    this.key = key;
  }

  /**
   * The key that all origins share. It is asked for at each use, and must be there at once.
   *
   * @param key empty while it is not known yet
   */
  public static StateKey shared(Supplier<Optional<SecretKey>> key) {
    return new StateKey(key);
  }

  /**
   * Signs.
   *
   * @throws AttemptFailedException while the key is not known
   */
  byte[] sign(byte[] message) throws AttemptFailedException {
    SecretKey known =
        key.get()
            .orElseThrow(
                () -> new AttemptFailedException("The key of request states is not known yet"));
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(known);
      return mac.doFinal(message);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("The JDK has no " + ALGORITHM, e);
    }
  }

  /** As {@link #sign}: whether this is what it makes. */
  boolean verify(byte[] message, byte[] signature) throws AttemptFailedException {
    return MessageDigest.isEqual(sign(message), signature);
  }

  @Override
  public String toString() {
    return "StateKey[redacted]";
  }
}
