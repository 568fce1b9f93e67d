package com.mcpist.deploy.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {
  private static final String ZEROS = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";

  /** Worked out by another program. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000000000000000000000000000,"
        + ZEROS
        + ",da5f49834b5ed4113b7c304dd71af065228de55e93a1947d87b6db5b387b3e49",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,"
        + "mcpist_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh81kcFFO,"
        + "acc2cc407554cea247380908cb2fd18f4985b48271e162b6532cd06447094544",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff,"
        + "mcpist___________________________________________831D6ew,"
        + "04ad6338d5f684c8747c6bd226c5b1a9258dbf371d96df0cbcf8a819c822a2a8",
  })
  void theFormIsTheOneThatEdgesAndOriginsRead(String random, String text, String digest) {
    ApiKey key = ApiKey.of(HexFormat.of().parseHex(random));

    assertThat(key.secret().reveal()).isEqualTo(text);
    assertThat(key.digest()).isEqualTo(digest);
    assertThat(ApiKey.parse(text)).isPresent();
    assertThat(ApiKey.parse(text).map(ApiKey::digest)).contains(digest);
  }

  @ParameterizedTest
  @ValueSource(strings = {ZEROS, "mcpist_", "MCPIST_AAA", "Bearer mcpist_AAA", " Mcpist_x"})
  void whatHasTheBeginningOfOneMayBeMostOfOne(String text) {
    assertThat(ApiKey.isSuspected(text)).isTrue();
    assertThat(ApiKey.isSuspected(text.replaceAll("(?i)mcpist_", "mcpist-"))).isFalse();
    assertThat(ApiKey.parse(text + "A")).isEmpty();
  }

  @Test
  void aShortChecksumIsPadded() {
    byte[] random = new byte[32];
    random[2] = 0x11;
    random[3] = (byte) 0xda;

    assertThat(ApiKey.of(random).secret().reveal())
        .isEqualTo("mcpist_AAAR2gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA00CNzH");
  }

  @Test
  void eachIsAnotherAndNoneIsShown() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      ApiKey key = ApiKey.create();
      assertThat(key.secret().reveal())
          .matches("mcpist_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}")
          .hasSize(56);
      assertThat(ApiKey.parse(key.secret().reveal())).isPresent();
      assertThat(key.toString()).isEqualTo("ApiKey[mcpist_…]");
      assertThat(seen.add(key.digest())).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mcpist_",
        "laptop",
        "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOg",
        "mcpist_BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf",
        ZEROS + "\n",
        " " + ZEROS,
      })
  void whatOnlyLooksLikeOneIsNone(String text) {
    assertThat(ApiKey.parse(text)).isEmpty();
  }
}
