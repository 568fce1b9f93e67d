package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.ToolException;
import com.mcpist.origin.memory.MemoryModule.Cursor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** Fuzz target: cursors, and the tags of their list, a line each. */
public final class CursorFuzz {
  private static final String USER = "ada";

  private CursorFuzz() {}

  /** None is taken but that of this list, and no text makes it fail in another way. */
  public static void fuzzerTestOneInput(byte[] input) {
    List<String> lines = Arrays.asList(new String(input, StandardCharsets.UTF_8).split("\n", -1));
    List<String> tags = lines.subList(1, lines.size());
    assertOurs(lines.getFirst(), tags);
    UUID id = UUID.nameUUIDFromBytes(input);
    String own = Cursor.after(id, USER, tags);
    assertThat(read(own, USER, tags)).isEqualTo(id);
    assertThat(read(own, "eve", tags)).isNotEqualTo(id);
  }

  private static void assertOurs(String cursor, List<String> tags) {
    UUID id = read(cursor, USER, tags);
    if (!id.equals(NONE)) {
      byte[] ours = Base64.getUrlDecoder().decode(Cursor.after(id, USER, tags));
      assertThat(Base64.getUrlDecoder().decode(cursor)).isEqualTo(ours);
    }
  }

  private static final UUID NONE = new UUID(0, 0);

  private static UUID read(String cursor, String user, List<String> tags) {
    try {
      return Cursor.read(cursor, user, tags);
    } catch (ToolException refused) {
      assertThat(refused.getMessage()).doesNotContain("Exception");
      return NONE;
    }
  }
}
