package com.mcpist.cli.pair;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Auth.Admission;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WelcomeTest {
  private static String text(boolean keys, boolean tokens) {
    return PairCommands.Up.welcome(
        "http://127.0.0.1:8080", new Admission(keys, tokens), false, Path.of("/data"));
  }

  @Test
  void whereNobodyIsAskedItSaysWhoCanCall() {
    assertThat(text(false, false))
        .contains(
            "MCPist is up: http://127.0.0.1:8080/mcp\nStatus: http://127.0.0.1:8080/status\n"
                + "No authentication: this pair answers only on this machine.",
            "claude mcp add --transport http --scope user mcpist http://127.0.0.1:8080/mcp\n")
        .doesNotContain("Authorization");
  }

  @Test
  void whereKeysAreAskedForItSaysHowToGetOneAndWhereItGoes() {
    assertThat(text(true, false))
        .contains(
            "Clients need an API key (KEY): `mcpist keys create NAME` makes one.",
            "claude mcp add --transport http --scope user mcpist \\\n"
                + "    http://127.0.0.1:8080/mcp \\\n    --header \"Authorization: Bearer KEY\"",
            "\"headers\": {\"Authorization\": \"Bearer KEY\"}");
  }

  /** A client refuses a server whose own address is another than the one that it was given. */
  @Test
  void whereTokensAreAskedForTheAddressIsTheOneThatTheyAreFor() {
    assertThat(text(false, true))
        .contains(
            "MCPist is up: http://localhost:8080/mcp\nStatus: http://localhost:8080/status\n",
            "Clients need a token of the issuer in mcpist.yml.",
            "claude mcp add --transport http --scope user mcpist http://localhost:8080/mcp\n")
        .doesNotContain("127.0.0.1", "keys create");
    assertThat(text(true, true)).contains("or an API key (KEY):\n`mcpist keys create NAME`");
  }
}
