package com.mcpist.origin.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the weight of a text before it is read. */
final class WeightTest {
  private static Weight weight(String text) {
    return Weight.of(text.getBytes(UTF_8));
  }

  private static long tree(String text) {
    return weight(text).bytes() - 3L * text.getBytes(UTF_8).length;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "[[],[[]],{}]",
        "{\"a\":{\"b\":[\"c\",\"字\",null,true]}}",
        "[\"\\\"\",\"\\\\\",\"\\u5b57\"]"
      })
  void itIsNoLessThanTheTree(String text) throws Exception {
    assertThat(tree(text))
        .isGreaterThanOrEqualTo(Budget.size(Json.parse(text.getBytes(UTF_8))) * 9 / 10);
  }

  @Test
  void aCharacterTakesTwoBytesWhereOneOfItsTextDoes() {
    String narrow = "\"" + "x".repeat(1000) + "é\"";
    String wide = "\"" + "x".repeat(1000) + "字\"";
    String escaped = "\"" + "\\u0041".repeat(1000) + "\"";
    assertThat(tree(narrow)).isBetween(1000L, 1100L);
    assertThat(tree(wide)).isBetween(2000L, 2100L);
    assertThat(tree(escaped)).isBetween(1000L, 1100L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"id\":7,\"result\":{}} | 7",
        "{\"result\":{\"id\":9},\"id\" : 12 } | 12",
        "{\"result\":\"\\\"id\\\":3\",\"id\":4} | 4",
        "{\"id\":\"7\"} | 0",
        "{\"result\":{\"id\":9}} | 0",
        "{\"x\":\"id\"} | 0",
        "[{\"id\":5}] | 0",
        "{\"id\":null} | 0",
        "{\"id\": | 0",
        "{\"id | 0",
        "\"\\ | 0",
        "\"\\u | 0"
      })
  void itHasTheIdOfTheMessage(String text, long id) {
    assertThat(weight(text).id()).isEqualTo(id);
  }

  @Test
  void moreTokensOrLevelsThanMayBeReadAreTooComplex() {
    assertThat(weight("[" + "1,".repeat(199_997) + "1]").isTooComplex()).isFalse();
    assertThat(weight("[" + "1,".repeat(199_998) + "1]").isTooComplex()).isTrue();
    assertThat(weight("[".repeat(64) + "]".repeat(64)).isTooComplex()).isFalse();
    assertThat(weight("[".repeat(65) + "]".repeat(65)).isTooComplex()).isTrue();
  }
}
