package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tests the keys of contract/auth, made by a program other than those that read them. */
class ApiKeysTest {
  private static final JsonNode FILE =
      JsonMapper.shared()
          .readTree(
              Path.of(System.getProperty("mcpist.root"), "contract", "auth", "keys.json").toFile());

  static Stream<String> wellFormed() {
    return FILE.get("wellFormed").valueStream().map(JsonNode::asString);
  }

  static Stream<String> malformed() {
    return FILE.get("malformed").valueStream().map(JsonNode::asString);
  }

  @ParameterizedTest
  @MethodSource("wellFormed")
  void aKeyIsKnownByItsForm(String key) {
    assertThat(Credentials.isKey(key)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void whatIsMistypedIsNone(String key) {
    assertThat(Credentials.isKey(key)).isFalse();
  }

  @Test
  void aKeyIsNamedByItsSha256() {
    FILE.get("digests")
        .properties()
        .forEach(
            entry -> {
              String digest = entry.getValue().asString();
              assertThat(Credentials.digest(entry.getKey())).isEqualTo(digest);
              Caller holder = Caller.ofKey(digest);
              assertThat(holder.userId()).isEqualTo("key:" + digest.substring(0, 16));
              assertThat(holder.key()).isEqualTo(digest);
            });
  }
}
