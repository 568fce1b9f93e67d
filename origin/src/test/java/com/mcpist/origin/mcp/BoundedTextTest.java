package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Definitions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A module's pattern is its author's choice, the text a client's: the two may not take for ever.
 */
class BoundedTextTest {
  private static String problems(String pattern, String text) {
    JsonSchema schema =
        JsonSchema.compile(Definitions.json("{\"type\": \"string\"}").put("pattern", pattern));
    return schema.problems(JsonNodeFactory.instance.stringNode(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"^(.*a){25}$", "^(a|a)*\\1b$", "^(a+)+\\1b$"})
  void aPatternThatBlowsUpGivesUp(String pattern) {
    assertThat(problems(pattern, "a".repeat(60) + "!")).contains("out of the range");
  }

  @Test
  void aPatternThatNeedsADeepStackGivesUp() {
    assertThat(problems("^(a|b)*$", "ab".repeat(200_000))).contains("out of the range");
  }

  @Test
  void aSoundPatternIsAskedOfALongText() {
    String text = "x".repeat(3_000_000);
    assertThat(problems("^[a-z]+$", text)).isEmpty();
    assertThat(problems("^[a-z]+$", text + "!")).contains("does not match");
  }

  @Test
  void aTemplateThatBlowsUpIsNotOfAnything() {
    Catalog.UriTemplate template = new Catalog.UriTemplate("a://{a}-{b}-{c}-{d}");
    assertThat(template.match("a://" + "-".repeat(20_000) + "/")).isEmpty();
    assertThat(template.match("a://1-2-3-4").orElseThrow().toString())
        .isEqualTo("{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"4\"}");
  }
}
