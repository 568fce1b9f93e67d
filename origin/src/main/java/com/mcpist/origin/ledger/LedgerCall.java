package com.mcpist.origin.ledger;

import com.mcpist.origin.module.Attempt;
import com.mcpist.origin.module.Invocation;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An attempt, and what tells its call from others under the same key.
 *
 * @param attempt the attempt
 * @param tool the tool's name
 * @param hash of the arguments, the same for any order of their properties
 */
record LedgerCall(Attempt attempt, String tool, String hash) {
  /** As long as a key may be, in characters: more does not fit an index. */
  private static final int LONGEST_ID = 255;

  private static final ObjectWriter SORTED =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build().writer();

  static LedgerCall of(Tool tool, Invocation invocation) throws ToolException {
    if (invocation.attempt().key().id().length() > LONGEST_ID) {
      throw new ToolException("The Idempotency-Key is longer than " + LONGEST_ID + " characters.");
    }
    return new LedgerCall(invocation.attempt(), tool.name(), hash(invocation.arguments()));
  }

  Attempt.Key key() {
    return attempt.key();
  }

  /**
   * Whether earlier attempts may come, or go on, after the client has been told that this one was
   * refused. Where the key is the client's it may mend its call and send that under the same key,
   * so nothing can be recorded that stands in their way.
   */
  boolean mayBeAttemptedStill() {
    return attempt.number() > 1 && !attempt.key().fromClient();
  }

  private static String hash(ObjectNode arguments) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      String canonical = SORTED.writeValueAsString(arguments);
      return HexFormat.of().formatHex(sha256.digest(canonical.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }
}
