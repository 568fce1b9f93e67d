package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.memory.Analyser.Word;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AnalyserTest {
  private static List<String> lexemes(String text) {
    return Analyser.words(Analyser.normalise(text)).stream().map(Word::lexeme).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "'the keys, of our deployments!', key our deploy",
    "ann's don't, ann don't dont don t",
    "Ｗｉ－Ｆｉ, wi-fi wifi wi fi",
    "WiFi, wifi wifi wi fi",
    "foo_bar, foo_bar foobar foo bar",
    "192.168.1.7, 192.168.1.7 19216817 192 168 1 7",
    "a6eeb9e, a6eeb9e",
    "ada@example.com, ada@example.com adaexamplecom ada exampl com",
    "/etc/nginx/nginx.conf, etc/nginx/nginx.conf etcnginxnginxconf etc nginx nginx conf",
    "C++ C# café, c++ c c# c cafe",
    "誕生日, 誕 誕生 生 生日 日",
    "お母さん, オ母 母 母サ サン",
    "でぷろい, デプ プロ ロイ",
    "ﾃﾞﾌﾟﾛｲ, デプ プロ ロイ",
    "鍵 🎂, 鍵 🎂",
    "𠮷野, 𠮷 𠮷野 野",
    "서울역, 서울 울역",
    "社内Wi-Fiの鍵, wi-fi wifi wi fi 社 社内 内 ノ鍵 鍵",
    "'?!… — 「」', ''"
  })
  void aTextIsTheseWords(String text, String words) {
    assertThat(String.join(" ", lexemes(text))).isEqualTo(words);
  }

  /** What is asked for as it stands in a text is in it. */
  @Property
  void theWordsOfATextAreThoseOfItsQuery(@ForAll String text) {
    SearchQuery query = SearchQuery.of(text, new Synonyms(List.of()));
    List<String> words = lexemes(text);

    assertThat(words)
        .containsAll(query.alternatives().stream().flatMap(a -> a.lexemes().stream()).toList());
    assertThat(query.notFound(List.of())).isNotNull();
  }

  @Test
  void longTextsOfOneCompoundAreTakenApart() {
    assertThat(lexemes("x.".repeat(10_000)).contains("x")).isTrue();
  }

  @Test
  void aQueryLeavesOutWhatOnlyAsks() {
    SearchQuery query = SearchQuery.of("Where is the deploy key?", new Synonyms(List.of()));

    assertThat(query.alternatives().stream().map(a -> a.lexemes().getFirst()))
        .containsExactly("deploy", "key");
    assertThat(query.notFound(List.of(2))).containsExactly("deploy");
    assertThat(SearchQuery.of("Where?", new Synonyms(List.of())).notFound(List.of()))
        .containsExactly("Where");
  }

  @Test
  void synonymsAreWordsOfBothLanguages() {
    Synonyms synonyms = new Synonyms(List.of("# a comment", "", "birthday, date of birth, 誕生日"));

    for (String text : List.of("birthdays", "her date of birth", "母の誕生日はいつ？")) {
      SearchQuery query = SearchQuery.of(text, synonyms);
      assertThat(query.alternatives().stream().filter(a -> !a.own()).map(a -> a.lexemes()))
          .as(text)
          .hasSizeGreaterThanOrEqualTo(2)
          .contains(text.contains("誕生日") ? List.of("birthday") : List.of("誕生", "生日"));
    }
  }
}
