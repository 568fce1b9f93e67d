package com.mcpist.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys were made by another program than the one that reads them. */
class ApiKeysTest {
  private static final String KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";

  @ParameterizedTest
  @ValueSource(
      strings = {
        KEY,
        "mcpist_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM0-_11i3caD",
        "mcpist_0123456789-_zyxwvutsrqponmlkjihgfedcbaZYXWV3loJCf"
      })
  void aKeyIsKnownByItsForm(String key) {
    assertThat(ApiKeys.wellFormed(key)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mcpist_",
        "mcpist_BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf",
        "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOg",
        "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMO",
        "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf ",
        "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOff",
        "mcpist-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf",
        "MCPIST_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf"
      })
  void whatIsMistypedIsNone(String key) {
    assertThat(ApiKeys.wellFormed(key)).isFalse();
  }

  @Test
  void theShortDigestIsTheBeginningOfItsSha256() {
    assertThat(ApiKeys.shortDigest(KEY)).isEqualTo("da5f49834b5ed411");
  }
}
