package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotBlank;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class SearchTextTest {
  @Test
  void widthAndCaseAreFolded() {
    assertThat(SearchText.normalise("ＡＢＣ　ﾊﾟﾝ Straße\n\t①")).isEqualTo("abc パン straße 1");
  }

  @Test
  void wordsAreTakenOnce() {
    assertThat(SearchText.words(" Tokyo　東京 tokyo ")).isEqualTo(List.of("tokyo", "東京"));
    assertThat(SearchText.words("　")).isEmpty();
  }

  @Test
  void pairsDoNotCrossWordsAndCharactersAreWhole() {
    assertThat(SearchText.terms("ann", List.of("Food"), "ab 𠮷野"))
        .containsExactlyInAnyOrder("u:ann", "t:food", "a", "b", "ab", "𠮷", "野", "𠮷野");
  }

  @Test
  void aQueryAsksForItsPairsOrItsOneCharacter() {
    assertThat(SearchText.of(List.of("東京都", "a"))).containsExactly("東京", "京都", "a");
  }

  /** What is in a text is never missed by the index. */
  @Property
  void theTermsOfAPartOfAWordAreAmongThoseOfTheText(
      @ForAll @NotBlank @StringLength(min = 1, max = 30) String text,
      @ForAll @IntRange(max = 30) int from,
      @ForAll @IntRange(min = 1, max = 10) int length) {
    String normal = SearchText.normalise(text);
    int[] characters = normal.codePoints().toArray();
    Assume.that(from < characters.length);
    String part = new String(characters, from, Math.min(length, characters.length - from));
    List<String> words = List.of(part.strip().split(" ", -1));

    assertThat(SearchText.terms("ann", List.of(), normal))
        .containsAll(SearchText.of(words.stream().filter(w -> !w.isEmpty()).toList()));
  }
}
