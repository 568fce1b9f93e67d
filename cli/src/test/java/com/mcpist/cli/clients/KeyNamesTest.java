package com.mcpist.cli.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.cli.console.Failure;
import com.mcpist.deploy.secret.ApiKey;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What could be a key is no name, and is not repeated. */
class KeyNamesTest {
  private final String key = ApiKey.create().secret().reveal();

  @Test
  void aKeyAndMostOfOneIsRefusedWithoutRepeatingIt() {
    for (String text :
        List.of(
            key,
            key + "x",
            key.substring(0, 55),
            key.substring(0, 20) + key.substring(21),
            key.toUpperCase(Locale.ROOT),
            " " + key,
            "Bearer " + key + "!",
            "mcpist_")) {
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> Names.checkKey(text))
          .withMessageContaining("this is a key itself, or most of one")
          .satisfies(e -> assertThat(e.code()).isEqualTo(2))
          .satisfies(e -> assertThat(e).hasMessageNotContaining(text));
      assertThatExceptionOfType(Failure.class).isThrownBy(() -> Names.notAKey(text));
    }
  }

  @Test
  void aNameIsOne() {
    for (String name : List.of("laptop", "mcpist", "mcpist-ci", "ci@build.example")) {
      assertThatCode(() -> Names.checkKey(name)).doesNotThrowAnyException();
    }
  }

  @Test
  void whateverAMessageQuotesItHasNoKey() {
    assertThat(Failure.withoutKeys("Unmatched argument: '" + key + "' and '" + key + "x'"))
        .isEqualTo("Unmatched argument: 'mcpist_…' and 'mcpist_…'");
    assertThat(Failure.withoutKeys("mcpist: no")).isEqualTo("mcpist: no");
  }
}
