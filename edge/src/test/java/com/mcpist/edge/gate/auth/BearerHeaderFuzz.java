package com.mcpist.edge.gate.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Fuzz target: the values of Authorization, a line each. */
public final class BearerHeaderFuzz {
  private BearerHeaderFuzz() {}

  /**
   * Checks that a token is one word of one value. A token that could be a key is a key, and has a
   * name that does not show it.
   */
  public static void fuzzerTestOneInput(byte[] input) {
    List<String> values = List.of(new String(input, StandardCharsets.ISO_8859_1).split("\n", -1));
    Optional<String> token = Credentials.token(values);
    if (token.isEmpty()) {
      return;
    }
    assertThat(values).hasSize(1);
    assertThat(values.getFirst()).startsWithIgnoringCase("Bearer ").endsWith(" " + token.get());
    assertThat(token.get()).isNotEmpty();
    assertThat(token.get().chars()).allMatch(c -> c > ' ' && c < 0x7f && c != ',' && c != '"');
    if (Credentials.isKey(token.get())) {
      assertThat(token.get()).hasSize(56).startsWith(Credentials.KEY_PREFIX);
      Caller caller = Caller.ofKey(Credentials.digest(token.get()));
      assertThat(caller.userId()).matches("key:[0-9a-f]{16}");
      assertThat(Caller.maybe(caller.userId())).isFalse();
    }
  }
}
