package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> ORIGINS = List.of("koyeb-primary", "flyio-standby");

  @Test
  void aSlipIsRecognised() {
    assertThat(Spelling.nearest("koyeb-primry", ORIGINS)).contains("koyeb-primary");
    assertThat(Spelling.nearest("flyio", ORIGINS)).contains("flyio-standby");
    assertThat(Spelling.hint("koyep-primary", ORIGINS)).isEqualTo(" Did you mean koyeb-primary?");
  }

  @Test
  void anotherWordIsNot() {
    assertThat(Spelling.nearest("render", ORIGINS)).isEmpty();
    assertThat(Spelling.hint("x", List.of())).isEmpty();
  }

  @Test
  void theDistanceCountsInsertionsDeletionsAndChanges() {
    assertThat(Spelling.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(Spelling.distance("", "abc")).isEqualTo(3);
    assertThat(Spelling.distance("same", "same")).isZero();
  }
}
