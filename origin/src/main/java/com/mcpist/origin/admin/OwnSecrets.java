package com.mcpist.origin.admin;

import com.mcpist.origin.mcp.Json;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The secrets that this process runs with. It proves that it has a value, to those who have it too,
 * and shows none. Prints redacted. The proofs are as contract/secrets has them.
 */
public final class OwnSecrets {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "mcpist secret check v1\n";

  /** Whatever ends so is taken for a secret, whether anybody has told of it or not. */
  private static final Pattern SECRET =
      Pattern.compile(".*(?:KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL|HEADERS)");

  /** 32 bytes in base64url. */
  private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9_-]{43}");

  private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]{0,127}");
  private static final int MOST_NAMES = 256;

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

  /** Answers of this process alone: another origin's are others. No database is asked. */
  AdminReply prove(AdminRequest request, String instance) throws AdminProblem {
    if (request.one()) {
      throw AdminProblem.notFound();
    }
    request.only("POST");
    Fields fields = Fields.of(request.body());
    String nonce = fields.matching("nonce", NONCE, "must be 32 bytes in base64url, unpadded");
    List<String> asked = fields.texts("names", MOST_NAMES, VARIABLE);
    fields.end();
    ObjectNode body = Json.object().put("instance", instance);
    ObjectNode proofs = body.putObject("proofs");
    asked.forEach(name -> proof(name, nonce).ifPresent(proof -> proofs.put(name, proof)));
    ArrayNode names = body.putArray("names");
    names().forEach(names::add);
    return AdminReply.ok(body);
  }

  List<String> names() {
    return values.keySet().stream().filter(SECRET.asMatchPredicate()).sorted().toList();
  }

  /**
   * The proof that the process has this variable's value, in lower-case hex; empty when it is not
   * set. The nonce is of whoever asks, who believes no proof of another one.
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
