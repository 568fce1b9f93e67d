package com.mcpist.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The clients that people use, against a pair that asks them who they are. */
@Tag("long")
class AuthenticatedClientsIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String SEARCH =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"memory_list\",\"arguments\":{}}}";

  private static Issuer issuer;
  private static PublicJsonWebKey signing;
  private static Pair pair;

  @BeforeAll
  static void start() throws IOException {
    issuer = Issuer.start();
    signing = issuer.key("one", "ES256");
    String auth =
        """
        auth:
          keys: true
          jwt:
            issuer: %s
            jwks: %s
        """
            .formatted(Issuer.NAME, issuer.jwks());
    pair = Pair.up(Map.of(), Pair.FILE + auth);
  }

  @AfterAll
  static void stop() throws IOException {
    pair.close();
    issuer.close();
  }

  private static String url() {
    return "http://localhost:" + pair.port() + "/mcp";
  }

  /** A new key, as a script gets it: nothing else is on the standard output. */
  private static String key(String name, String user) throws IOException {
    Command.Result created = pair.run("keys", "create", name, "--user", user);
    assertThat(created.code()).as(created.all()).isZero();
    String key = created.out().strip();
    assertThat(ApiKey.parse(key)).isPresent();
    return key;
  }

  private static String token(String user) {
    return Issuer.token(signing, "ES256", Issuer.claims(url(), user));
  }

  private static HttpMessage list(String token) throws IOException {
    String headers =
        "Accept: application/json, text/event-stream\nMCP-Protocol-Version: 2025-11-25\n"
            + "Authorization: Bearer "
            + token;
    return RawHttp.exchange(pair.port(), RawHttp.post("/mcp", headers, SEARCH));
  }

  @Test
  void claudeCodeConnectsWithAKeyAndNotWithoutOne() throws Exception {
    String header = "Authorization: Bearer " + key("claude", "alice");
    List<String> add = List.of("mcp", "add", "--transport", "http");
    assertThat(claude(add, "with", url(), "--header", header).code()).isZero();
    assertThat(claude(add, "without", url()).code()).isZero();
    String list = claude(List.of("mcp", "list")).out();
    assertThat(list.lines().filter(l -> l.startsWith("with:")))
        .singleElement()
        .asString()
        .containsIgnoringCase("connected");
    assertThat(list.lines().filter(l -> l.startsWith("without:")))
        .singleElement()
        .asString()
        .doesNotContainIgnoringCase("connected");
  }

  private static Command.Result claude(List<String> words, String... more) throws IOException {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return Command.run(Clients.command(pair.home(), "claude", all));
  }

  @Test
  void theInspectorConnectsWithAKey() throws Exception {
    List<String> line =
        List.of(
            "--cli",
            url(),
            "--transport",
            "http",
            "--protocol-era",
            "auto",
            "--header",
            "Authorization: Bearer " + key("inspector", "alice"),
            "--method",
            "tools/list");
    Command.Result result = Command.run(Clients.command(pair.home(), "inspector", line));
    assertThat(result.code()).as(result.all()).isZero();
    assertThat(JSON.readTree(result.out()).findValuesAsString("name")).contains("memory_save");
  }

  @Test
  void theSdkFindsTheIssuerByTheChallengeAndCallsWithAToken() throws Exception {
    ProcessBuilder script =
        Clients.script(pair.home(), "authorized.mjs", url(), "A memory of bob's");
    script.environment().put("TOKEN", token("bob"));
    Command.Result result = Command.run(script);
    assertThat(result.code()).as(result.all()).isZero();
    JsonNode found = JSON.readTree(result.err().lines().findFirst().orElseThrow());
    assertThat(found.path("status").asInt()).isEqualTo(401);
    assertThat(found.path("metadata").path("resource").asString()).isEqualTo(url());
    assertThat(found.path("metadata").path("authorization_servers").path(0).asString())
        .isEqualTo(Issuer.NAME);
    assertThat(JSON.readTree(result.out()).path("found").findValuesAsString("title"))
        .containsExactly("A memory of bob's");

    assertThat(list(token("bob")).text()).contains("A memory of bob's");
    assertThat(list(token("carol")).text()).contains("There are no memories");
    assertThat(list(key("of-bobs", "bob")).text()).contains("A memory of bob's");
    assertThat(list(key("of-daves", "dave")).text()).contains("There are no memories");
  }

  @Test
  void aRevokedKeyStopsAtBothOrigins() throws Exception {
    String key = key("lost", "alice");
    assertThat(list(key).status()).isEqualTo(200);
    assertThat(pair.run("keys", "list").out()).contains("lost", "alice").doesNotContain(key);
    assertThat(pair.run("keys", "revoke", "lost").code()).isZero();
    Conditions.await("the primary refuses it", () -> list(key).status() == 401);
    assertThat(pair.run("drain", Pair.PRIMARY).code()).isZero();
    try {
      assertThat(list(key).status()).as("the standby").isEqualTo(401);
      assertThat(list(key("kept", "alice")).status()).isEqualTo(200);
    } finally {
      assertThat(pair.run("undrain", Pair.PRIMARY).code()).isZero();
    }
  }
}
