package com.mcpist.origin.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class TextsTest {
  private static final Texts ENGLISH = Texts.of(Texts.Language.EN);
  private static final Texts JAPANESE = Texts.of(Texts.Language.JA);

  private static List<String> places(Texts texts, String key, Object... values) {
    return Pattern.compile("<(\\d)>|\\|")
        .matcher(texts.of(key, values).text().replace("&lt;", "<").replace("&gt;", ">"))
        .results()
        .map(MatchResult::group)
        .sorted()
        .toList();
  }

  @Test
  void bothLanguagesSayTheSame() {
    assertThat(JAPANESE.keys()).isEqualTo(ENGLISH.keys());
    Object[] values = {"<0>", "<1>", "<2>", "<3>"};
    for (String key : ENGLISH.keys()) {
      assertThat(places(JAPANESE, key, values)).as(key).isEqualTo(places(ENGLISH, key, values));
      assertThat(JAPANESE.of(key, values).text()).as(key).isNotBlank();
    }
  }

  @Test
  void aValueIsEscapedAndIsNoText() {
    assertThat(ENGLISH.of("since", "<b>{1}", new Html("<i>x</i>")).text())
        .isEqualTo("&lt;b&gt;{1} began to serve <i>x</i>.");
  }
}
