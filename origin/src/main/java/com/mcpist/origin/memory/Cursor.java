package com.mcpist.origin.memory;

import com.mcpist.origin.module.ToolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.UUID;

/**
 * Where a list goes on: after this memory. It is bound to the list it came from by a checksum, so
 * that one that was changed or taken from elsewhere is noticed. That is a courtesy and no lock: a
 * list never contains another user's memories, whatever its cursor.
 */
final class Cursor {
  private static final int CHECKSUM_BYTES = 8;
  private static final int BYTES = 2 * Long.BYTES + CHECKSUM_BYTES;

  private Cursor() {}

  static String after(UUID id, String user, Collection<String> tags) {
    byte[] bytes =
        ByteBuffer.allocate(BYTES)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .put(checksum(id, user, tags))
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Reads a cursor.
   *
   * @throws ToolException when it is not one of this list
   */
  static UUID read(String cursor, String user, Collection<String> tags) throws ToolException {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException e) {
      throw notOurs();
    }
    if (bytes.length != BYTES) {
      throw notOurs();
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    UUID id = new UUID(buffer.getLong(), buffer.getLong());
    byte[] checksum = new byte[CHECKSUM_BYTES];
    buffer.get(checksum);
    if (!MessageDigest.isEqual(checksum, checksum(id, user, tags))) {
      throw notOurs();
    }
    return id;
  }

  private static byte[] checksum(UUID id, String user, Collection<String> tags) {
    String list = id + "\n" + SearchText.filter(user, tags).stream().sorted().toList();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(list.getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(digest, CHECKSUM_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }

  private static ToolException notOurs() {
    return new ToolException(
        "\"cursor\" is not one that memory_list gave for these tags. Leave it out to start again.");
  }
}
