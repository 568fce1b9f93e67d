package com.mcpist.deploy.secrets;

import com.mcpist.deploy.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a program shows that it has a value, without the value: an HMAC by it over the secret's name
 * and a nonce that is asked with. docs/design/secrets.md has the form.
 */
final class Proof {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "mcpist secret check v1";
  private static final int NONCE_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Proof() {}

  /** Another one each time. */
  static String nonce() {
    byte[] bytes = new byte[NONCE_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** That a program has this value of the secret of that name, as hexadecimal digits. */
  static String of(Secret value, String name, String nonce) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes(value.reveal()), ALGORITHM));
      return HexFormat.of().formatHex(mac.doFinal(bytes(PURPOSE + "\n" + name + "\n" + nonce)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("The JDK has no " + ALGORITHM, e);
    }
  }

  static boolean same(String one, String other) {
    return MessageDigest.isEqual(bytes(one), bytes(other));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
