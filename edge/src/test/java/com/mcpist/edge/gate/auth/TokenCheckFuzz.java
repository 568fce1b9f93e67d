package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Fuzz target: tokens, checked by keys whose private halves nobody has. */
public final class TokenCheckFuzz {
  private static final JsonNode VECTORS =
      JsonMapper.shared()
          .readTree(
              Path.of(System.getProperty("mcpist.root"), "contract", "auth", "tokens.json")
                  .toFile());
  private static final Instant NOW = Instant.ofEpochSecond(VECTORS.get("nowSeconds").asLong());
  private static final KeySet KEYS = KeySet.parse(VECTORS.get("keys").toString());
  private static final TokenCheck CHECK =
      new TokenCheck(
          new JwtSettings(
              VECTORS.get("issuer").asString(),
              URI.create("https://login.example.com/jwks"),
              VECTORS.get("audience").asString(),
              Set.of()));

  /**
   * The signed parts of all tokens that the issuer has signed, and that are good if no scope is
   * asked for.
   */
  private static final Set<String> SIGNED =
      VECTORS
          .get("cases")
          .valueStream()
          .filter(
              c -> Set.of("admitted", "insufficientScope").contains(c.get("verdict").asString()))
          .map(c -> signed(c.get("token").asString()))
          .collect(Collectors.toSet());

  private TokenCheckFuzz() {}

  private static String signed(String token) {
    return token.substring(0, Math.max(0, token.lastIndexOf('.')));
  }

  /** Checks that a token admits its caller only if the issuer has signed it, to the letter. */
  public static void fuzzerTestOneInput(byte[] input) {
    String token = new String(input, StandardCharsets.ISO_8859_1);
    TokenCheck.Result result = CHECK.check(token, KEYS, NOW);
    if (result.verdict() instanceof Verdict.Admitted(Caller caller)) {
      assertThat(SIGNED).contains(signed(token));
      assertThat(caller.userId()).matches("[!-~]{1,255}").isNotEqualTo("local");
      assertThat(caller.passesAuthorization()).isFalse();
      assertThat(result.until()).isAfter(NOW);
    } else {
      assertThat(result.until()).isEqualTo(Instant.MIN);
    }
    String keyId = TokenCheck.keyId(token);
    assertThat(keyId == null || KEYS.has(keyId) || KEYS.find(keyId, "RS256").isEmpty()).isTrue();
  }
}
