package com.mcpist.origin.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.RunningOrigin;
import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** An origin proves which secrets it runs with, and shows none. */
final class SecretCheckTest {
  private static final String NONCE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  private static final String CANARY = "a-value-that-nobody-may-see";
  private static final Path VECTORS =
      Path.of(System.getProperty("mcpist.root"), "contract", "secrets", "proof.json");

  private static TestDatabase database;
  private static AdminClient client;

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    client =
        AdminClient.starting(
                database.originUrl(),
                database.url(),
                Map.of(
                    "STRIPE_SECRET_KEY",
                    CANARY,
                    "SUPABASE_URL",
                    "https://x.supabase.co",
                    "SUPABASE_KEY",
                    "",
                    "LEFT_OVER_TOKEN",
                    CANARY,
                    "LEFT_OVER_PASSWORD",
                    CANARY,
                    "TOKEN_PRICE",
                    "5"))
            .awaitHealthy();
  }

  @AfterAll
  static void stop() throws SQLException {
    client.close();
    database.close();
  }

  static Stream<JsonNode> vectors() {
    return JsonMapper.shared().readTree(VECTORS.toFile()).valueStream();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void itProvesAsEveryTargetDoes(JsonNode vector) {
    String name = vector.get("name").stringValue();
    OwnSecrets secrets = OwnSecrets.of(Map.of(name, vector.get("value").stringValue()));

    assertThat(secrets.proof(name, vector.get("nonce").stringValue()))
        .hasValue(vector.get("proof").stringValue());
  }

  private static Answer ask(String... names) {
    ArrayNode asked = JsonNodeFactory.instance.arrayNode();
    List.of(names).forEach(asked::add);
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("nonce", NONCE);
    body.set("names", asked);
    return client.post("secrets", body.toString());
  }

  @Test
  void whatIsSetIsProvedWithItsWholeValueAndWhatIsNotIsLeftOut() {
    Answer answer =
        ask("GATEWAY_SECRET", "ADMIN_TOKEN", "STRIPE_SECRET_KEY", "SUPABASE_KEY", "NO_KEY");

    OwnSecrets same =
        OwnSecrets.of(
            Map.of(
                "GATEWAY_SECRET", RunningOrigin.SECRET,
                "ADMIN_TOKEN", AdminClient.TOKENS,
                "STRIPE_SECRET_KEY", CANARY));
    ObjectNode expected = JsonNodeFactory.instance.objectNode();
    for (String name : same.names()) {
      expected.put(name, same.proof(name, NONCE).orElseThrow());
    }
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().get("proofs")).isEqualTo(expected);
    assertThat(answer.body().propertyNames()).containsOnly("instance", "proofs", "names");
    assertThat(answer.body().get("instance").stringValue())
        .endsWith("-" + ProcessHandle.current().pid());
    assertThat(answer.body().toString()).doesNotContain(CANARY);
  }

  @Test
  void aSecretNeedNotLookLikeOneToBeAskedFor() {
    assertThat(ask("SUPABASE_URL").body().get("proofs").propertyNames())
        .containsOnly("SUPABASE_URL");
  }

  @Test
  void whatIsASecretByItsNameIsToldInOrder() {
    Answer answer = ask();

    assertThat(answer.body().get("proofs").isEmpty()).isTrue();
    assertThat(answer.body().get("names").valueStream().map(JsonNode::stringValue))
        .containsExactly(
            "ADMIN_TOKEN",
            "DATABASE_URL",
            "GATEWAY_SECRET",
            "LEFT_OVER_PASSWORD",
            "LEFT_OVER_TOKEN",
            "MIGRATION_DATABASE_URL",
            "STRIPE_SECRET_KEY");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"names\":[]}|nonce is missing",
        "{\"nonce\":7,\"names\":[]}|nonce must be 32 bytes",
        "{\"nonce\":\"short\",\"names\":[]}|nonce must be 32 bytes",
        "{\"nonce\":\"" + NONCE + "=\",\"names\":[]}|nonce must be 32 bytes",
        "{\"nonce\":\"+" + NONCE + "\",\"names\":[]}|nonce must be 32 bytes",
        "{\"nonce\":\"" + NONCE + "\"}|names is missing",
        "{\"nonce\":\"" + NONCE + "\",\"names\":\"A\"}|names must be a list of at most 256",
        "{\"nonce\":\"" + NONCE + "\",\"names\":[\"A\",1]}|names[1] must match [A-Z][A-Z0-9_]",
        "{\"nonce\":\"" + NONCE + "\",\"names\":[\"a\"]}|names[0] must match",
        "{\"nonce\":\"" + NONCE + "\",\"names\":[\"A\\nB\"]}|names[0] must match",
        "{\"nonce\":\"" + NONCE + "\",\"names\":[\"\"]}|names[0] must match",
        "{\"nonce\":\"" + NONCE + "\",\"names\":[],\"x\":1}|Unknown field: x"
      })
  void whatIsWrongIsNamed(String body, String problem) {
    Answer refused = client.post("secrets", body);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.code()).isEqualTo("bad_request");
    assertThat(refused.message()).contains(problem);
  }

  @Test
  void atMost256NamesOf128CharactersAreAsked() {
    String longest = "A".repeat(128);
    assertThat(ask(Stream.generate(() -> longest).limit(256).toArray(String[]::new)).status())
        .isEqualTo(200);
    assertThat(ask(Stream.generate(() -> "A").limit(257).toArray(String[]::new)).status())
        .isEqualTo(400);
    assertThat(ask(longest + "A").status()).isEqualTo(400);
  }

  @Test
  void itIsAskedByPostOnly() throws IOException, InterruptedException {
    assertThat(client.get("secrets").status()).isEqualTo(405);
    assertThat(client.put("secrets", "{}").status()).isEqualTo(405);
    assertThat(client.post("secrets/GATEWAY_SECRET", "{}").status()).isEqualTo(404);
    assertThat(client.post("lock", "{}").status()).isEqualTo(405);
    assertThat(client.origin.send(client.request("secrets").GET()).headers().firstValue("Allow"))
        .hasValue("POST");
  }

  @Test
  void itDoesNotPrint() {
    assertThat(OwnSecrets.of(Map.of("A_KEY", CANARY)).toString()).doesNotContain(CANARY);
  }
}
