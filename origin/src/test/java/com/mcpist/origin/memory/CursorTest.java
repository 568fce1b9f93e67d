package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.ToolException;
import com.mcpist.origin.memory.MemoryModule.Cursor;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CursorTest {
  private static final UUID ID = UUID.fromString("01a21263-c1f1-7426-8ae7-0828ba4b7345");
  private static final List<String> TAGS = List.of("Work", "b");

  @Test
  void itGoesOnInTheListItCameFrom() throws Exception {
    String cursor = Cursor.after(ID, "ann", TAGS);

    assertThat(Cursor.read(cursor, "ann", List.of("b", "work"))).isEqualTo(ID);
  }

  @Test
  void itIsRefusedInAnother() {
    String cursor = Cursor.after(ID, "ann", TAGS);

    assertThatThrownBy(() -> Cursor.read(cursor, "bob", TAGS)).isInstanceOf(ToolException.class);
    assertThatThrownBy(() -> Cursor.read(cursor, "ann", List.of()))
        .isInstanceOf(ToolException.class);
  }

  @Test
  void everyChangeIsNoticed() {
    String cursor = Cursor.after(ID, "ann", TAGS);

    for (int i = 0; i < cursor.length(); i++) {
      char other = cursor.charAt(i) == 'A' ? 'B' : 'A';
      String changed = cursor.substring(0, i) + other + cursor.substring(i + 1);
      assertThatThrownBy(() -> Cursor.read(changed, "ann", TAGS))
          .as("at %d", i)
          .isInstanceOf(ToolException.class)
          .hasMessageContaining("Leave it out to start again");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "AAAA", "not base64!", "/etc/passwd"})
  void whatIsNoCursorIsRefused(String text) {
    assertThatThrownBy(() -> Cursor.read(text, "ann", TAGS)).isInstanceOf(ToolException.class);
  }
}
