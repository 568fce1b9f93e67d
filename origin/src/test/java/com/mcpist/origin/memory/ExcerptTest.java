package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ExcerptTest {
  private static Set<String> query(String text) {
    return SearchQuery.of(text, new Synonyms(List.of())).lexemes();
  }

  @Test
  void aShortTextIsGivenWhole() {
    assertThat(SearchText.excerpt("short", query("x"))).isEqualTo("short");
  }

  @Test
  void aLongOneIsCutAroundTheFirstWord() {
    String text = "a ".repeat(1000) + "NEEDLE" + " b".repeat(1000);

    String excerpt = SearchText.excerpt(text, query("needle"));

    assertThat(excerpt).contains("NEEDLE").startsWith("…").endsWith("…").hasSize(502);
    assertThat(SearchText.excerpt(text, query("absent")))
        .startsWith("a a")
        .endsWith("…")
        .hasSize(501);
    assertThat(SearchText.excerpt(text + " END", query("end"))).endsWith("END");
  }

  @Test
  void noCharacterIsCutInHalf() {
    String text = "x" + "𠮷".repeat(2000);

    String excerpt = SearchText.excerpt(text, query("absent"));

    assertThat(excerpt.codePoints())
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }
}
