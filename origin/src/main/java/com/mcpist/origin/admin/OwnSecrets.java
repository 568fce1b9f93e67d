package com.mcpist.origin.admin;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secrets that this process runs with. It proves that it has a value, to those who have it too,
 * and shows none. Prints redacted. The proofs are as contract/secrets has them.
 */
public final class OwnSecrets {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "mcpist secret check v1\n";

  /** Whatever ends so is taken for a secret, whether anybody has told of it or not. */
  private static final Pattern SECRET =
      Pattern.compile(".*(?:KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL)");

  private final Map<String, String> values;

  private OwnSecrets(Map<String, String> values) {
    this.values = values;
  }

  /** Those of an environment. An empty variable is one that is not set. */
  public static OwnSecrets of(Map<String, String> environment) {
    return new OwnSecrets(
        environment.entrySet().stream()
            .filter(e -> !e.getValue().isEmpty())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /** The variables that are secrets by their name. */
  SortedSet<String> names() {
    return values.keySet().stream()
        .filter(name -> SECRET.matcher(name).matches())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The proof that the process has this variable's value, in lower-case hex; empty when it is not
   * set.
   *
   * @param nonce of whoever asks, who believes no proof of another one
   */
  Optional<String> proof(String name, String nonce) {
    return Optional.ofNullable(values.get(name)).map(value -> proof(value, name, nonce));
  }

  private static String proof(String value, String name, String nonce) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(value.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      String message = PURPOSE + name + "\n" + nonce;
      return HexFormat.of().formatHex(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("The JDK has no " + ALGORITHM, e);
    }
  }

  @Override
  public String toString() {
    return "OwnSecrets[redacted]";
  }
}
