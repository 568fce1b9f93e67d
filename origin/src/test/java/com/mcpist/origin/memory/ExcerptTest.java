package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ExcerptTest {
  @Test
  void aShortTextIsGivenWhole() {
    assertThat(SearchText.excerpt("short", List.of("x"))).isEqualTo("short");
  }

  @Test
  void aLongOneIsCutAroundTheFirstWord() {
    String text = "a".repeat(2000) + "NEEDLE" + "b".repeat(2000);

    String excerpt = SearchText.excerpt(text, List.of("needle"));

    assertThat(excerpt).contains("NEEDLE").startsWith("…").endsWith("…").hasSize(502);
    assertThat(SearchText.excerpt(text, List.of("absent")))
        .startsWith("aaa")
        .endsWith("…")
        .hasSize(501);
    assertThat(SearchText.excerpt(text + "END", List.of("end"))).endsWith("END");
  }

  @Test
  void noCharacterIsCutInHalf() {
    String text = "x" + "𠮷".repeat(2000);

    String excerpt = SearchText.excerpt(text, List.of("absent"));

    assertThat(excerpt.codePoints())
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }
}
