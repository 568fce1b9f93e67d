package com.mcpist.origin.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The keys of contract/auth, by which edges tell keys too. */
class ApiKeyTest {
  private static final JsonNode FILE =
      JsonMapper.shared()
          .readTree(
              Path.of(System.getProperty("mcpist.root"), "contract", "auth", "keys.json").toFile());

  @Test
  void aKeyIsKnownByItsForm() {
    assertThat(FILE.get("wellFormed"))
        .isNotEmpty()
        .allSatisfy(key -> assertThat(Access.ApiKey.digest(key.asString())).isPresent());
    assertThat(FILE.get("malformed"))
        .isNotEmpty()
        .allSatisfy(key -> assertThat(Access.ApiKey.digest(key.asString())).isEmpty());
  }

  @Test
  void itsDigestIsItsSha256() {
    assertThat(FILE.get("digests").properties())
        .isNotEmpty()
        .allSatisfy(
            entry ->
                assertThat(Access.ApiKey.digest(entry.getKey()))
                    .contains(entry.getValue().asString()));
  }
}
