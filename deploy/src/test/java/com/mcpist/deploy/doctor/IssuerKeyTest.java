package com.mcpist.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class IssuerKeyTest {
  /** Whatever signs a token that the edges take is usable, or doctor would warn for nothing. */
  @Test
  void theKeysOfTheTokensThatEveryEdgeTakesAreUsable() throws Exception {
    List<JsonNode> keys = IssuerKeys.vectors().path("keys").path("keys").valueStream().toList();

    assertThat(keys).hasSize(3).allMatch(key -> new AuthDoctor.IssuerKey(key).isUsable());
  }

  @Test
  void aKeyThatNoEdgeTakesForItsUseIsNot() throws Exception {
    JsonNode vector =
        IssuerKeys.vectors()
            .path("cases")
            .valueStream()
            .filter(one -> one.path("description").asString().equals("a key for encryption"))
            .findFirst()
            .orElseThrow();

    assertThat(vector.path("verdict").asString()).isEqualTo("invalid");
    assertThat(vector.path("keys").path("keys").valueStream())
        .filteredOn(key -> key.path("kid").asString().equals("rsa"))
        .isNotEmpty()
        .noneMatch(key -> new AuthDoctor.IssuerKey(key).isUsable());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          rsa | {"alg":"RS256"}                | true
          rsa | {"alg":"PS256","use":"sig"}    | true
          rsa | {"alg":"RS512"}                | false
          rsa | {"alg":"ES256"}                | false
          rsa | {"alg":7}                      | false
          rsa | {"use":"enc"}                  | false
          rsa | {"use":null,"key_ops":null}    | true
          rsa | {"alg":null}                   | true
          rsa | {"kid":7}                      | false
          rsa | {"key_ops":["verify"]}         | true
          rsa | {"key_ops":["sign","verify"]}  | true
          rsa | {"key_ops":["encrypt"]}        | false
          rsa | {"key_ops":[]}                 | false
          rsa | {"key_ops":"verify"}           | false
          rsa | {"e":null}                     | false
          rsa | {"n":"AQAB"}                   | false
          rsa | {"kty":"oct"}                  | false
          ec  | {"alg":"ES256"}                | true
          ec  | {"crv":"P-384"}                | false
          ec  | {"y":null}                     | false
          ec  | {"x":"not base64url!"}         | false
          ed  | {"alg":"EdDSA"}                | true
          ed  | {"alg":"Ed25519"}              | false
          ed  | {"crv":"Ed448"}                | false
          ed  | {"crv":"X25519"}               | false
          ed  | {"x":"AQAB"}                   | false
          """)
  void aKeyIsUsableWhereBothEdgesGoByIt(String id, String changes, boolean usable)
      throws Exception {
    assertThat(new AuthDoctor.IssuerKey(IssuerKeys.key(id, changes)).isUsable()).isEqualTo(usable);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "7", "[]", "{}"})
  void whatIsNoKeyIsNot(String text) {
    assertThat(new AuthDoctor.IssuerKey(JsonMapper.shared().readTree(text)).isUsable()).isFalse();
  }
}
