package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs the vectors of contract/auth, which any edge must pass. */
class TokenCheckTest {
  private static final JsonNode FILE =
      JsonMapper.shared()
          .readTree(
              Path.of(System.getProperty("mcpist.root"), "contract", "auth", "tokens.json")
                  .toFile());
  private static final Instant NOW = Instant.ofEpochSecond(FILE.get("nowSeconds").asLong());

  static Stream<Arguments> cases() {
    return FILE.get("cases")
        .valueStream()
        .map(c -> Arguments.of(c.get("description").asString(), c));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void passes(String description, JsonNode vector) {
    Set<String> scopes =
        vector.path("scopes").valueStream().map(JsonNode::asString).collect(Collectors.toSet());
    TokenCheck check =
        new TokenCheck(
            new JwtSettings(
                FILE.get("issuer").asString(),
                URI.create("https://login.example.com/jwks"),
                FILE.get("audience").asString(),
                scopes));
    JsonNode keys = vector.has("keys") ? vector.get("keys") : FILE.get("keys");
    TokenCheck.Result result =
        check.check(vector.get("token").asString(), KeySet.parse(keys.toString()), NOW);
    assertThat(result.verdict()).as(description).isEqualTo(verdict(vector));
    assertThat(result.until().isAfter(NOW)).isEqualTo(result.verdict() instanceof Verdict.Admitted);
  }

  private static Verdict verdict(JsonNode vector) {
    String word = vector.get("verdict").asString();
    if (word.equals("admitted")) {
      String subject = vector.path("subject").asString("alice");
      return new Verdict.Admitted(new Caller(subject, false, null));
    }
    String name = word.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
    return new Verdict.Refused(Verdict.Reason.valueOf(name));
  }
}
