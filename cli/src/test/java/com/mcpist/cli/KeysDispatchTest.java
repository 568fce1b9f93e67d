package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.testkit.ClientsServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A key that is made where no secret is, and registered where they are, by its digest. */
class KeysDispatchTest {
  private static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  private static final String TOKEN = "the-admin-token-that-nobody-may-see!!";

  private final ClientsServer origin = new ClientsServer(SECRET, TOKEN);
  private Mcpist mcpist;

  // JUnit sets up before anything else.
  @SuppressWarnings("NullAway.Init")
  KeysDispatchTest() {}

  @BeforeEach
  void deployment(@TempDir Path folder) throws Exception {
    mcpist = new Mcpist(folder);
    Files.writeString(
        folder.resolve("mcpist.yml"),
        """
        service: notes
        domain: notes.example.com
        origins: [{name: one, platform: fly, app: notes, url: "%s"}]
        """
            .formatted(origin.url()));
  }

  @AfterEach
  void close() throws Exception {
    origin.close();
  }

  private static String dispatch(Mcpist.Result made) {
    assertThat(made.code()).as(made.err()).isZero();
    List<String> lines =
        made.err().lines().filter(line -> line.contains("command=keys-register")).toList();
    assertThat(lines).as(made.err()).hasSize(1);
    assertThat(lines.getFirst()).startsWith("  gh workflow run operate.yml -f ");
    return lines.getFirst();
  }

  /** What a shell makes of the line. */
  private static Map<String, String> fields(String line) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-c", "gh() { printf '%s\\n' \"$@\"; }; " + line).start();
    List<String> words =
        new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(shell.waitFor()).isZero();
    Map<String, String> fields = new TreeMap<>();
    assertThat(words.subList(0, 3)).containsExactly("workflow", "run", "operate.yml");
    for (int i = 3; i < words.size(); i += 2) {
      assertThat(words.get(i)).isEqualTo("-f");
      String[] field = words.get(i + 1).split("=", 2);
      fields.put(field[0], field[1]);
    }
    return fields;
  }

  private static String digest(String key) {
    return ApiKey.parse(key).orElseThrow().digest();
  }

  private void secrets() {
    mcpist.environment.put("GATEWAY_SECRET", SECRET);
    mcpist.environment.put("ADMIN_TOKEN", TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"laptop", "laptop --dispatch"})
  void withoutSecretsNobodyIsAskedAndTheLineHasAllButTheKey(String arguments) throws Exception {
    Mcpist.Result made = mcpist.run(("keys create " + arguments).split(" ", -1));

    String key = made.out().strip();
    assertThat(made.out()).isEqualTo(key + System.lineSeparator());
    assertThat(fields(dispatch(made)))
        .isEqualTo(
            Map.of(
                "command",
                "keys-register",
                "name",
                "laptop",
                "user",
                "local",
                "digest",
                digest(key)));
    assertThat(made.err())
        .contains(
            "the key laptop of the user local; it does not expire",
            "claude mcp add --transport http --scope user mcpist https://notes.example.com/mcp"
                + " \\\n    --header \"Authorization: Bearer $KEY\"",
            "works once that run has ended",
            "gh workflow run operate.yml -f command=keys-revoke -f name=laptop")
        .doesNotContain(key);
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void whatTheLineSaysRegistersTheKeyOnceHoweverOftenItIsRun() throws Exception {
    Instant before = Instant.now();
    Mcpist.Result made =
        mcpist.run("keys", "create", "ci", "--user", "o'brien&$HOME", "--expires", "90d");
    Map<String, String> fields = fields(dispatch(made));
    assertThat(fields).containsEntry("user", "o'brien&$HOME");
    assertThat(Instant.parse(fields.getOrDefault("expires", "")))
        .isBetween(
            before.plus(Duration.ofDays(90)).minusSeconds(1),
            Instant.now().plus(Duration.ofDays(90)));
    secrets();

    for (int i = 0; i < 2; i++) {
      Mcpist.Result registered =
          mcpist.run(
              "keys",
              "register",
              "--digest=" + fields.get("digest"),
              "--user=" + fields.get("user"),
              "--expires=" + fields.get("expires"),
              "--",
              fields.getOrDefault("name", ""));

      assertThat(registered.code()).as(registered.err()).isZero();
      assertThat(registered.out())
          .isEqualTo(
              "The key ci of the user o'brien&$HOME is registered; it expires at "
                  + fields.get("expires")
                  + ".\n");
      assertThat(registered.err()).isEmpty();
    }
    assertThat(origin.digests()).containsExactly(digest(made.out().strip()));
    JsonNode listed = JsonMapper.shared().readTree(mcpist.run("keys", "list", "--json").out());
    assertThat(listed).hasSize(1);
    assertThat(listed.path(0).path("expires").asString()).isEqualTo(fields.get("expires"));
  }

  @Test
  @Tag("long")
  void withSecretsTheOptionAloneDecides() throws Exception {
    secrets();

    assertThat(dispatch(mcpist.run("keys", "create", "phone", "--dispatch"))).contains("phone");
    assertThat(origin.requests()).isEmpty();
    assertThat(mcpist.run("keys", "create", "laptop").err()).doesNotContain("gh workflow run");
    assertThat(origin.digests()).hasSize(1);
  }

  @Test
  @Tag("long")
  void aCheckoutWithoutAFileWillDo() throws Exception {
    Files.delete(mcpist.folder().resolve("mcpist.yml"));

    Mcpist.Result made = mcpist.run("keys", "create", "laptop", "--dispatch");

    assertThat(fields(dispatch(made))).containsEntry("digest", digest(made.out().strip()));
    assertThat(made.err()).contains("https://YOUR-DOMAIN/mcp");
    assertThat(
            mcpist
                .run("keys", "create", "x", "--dispatch", "--edge", "https://mcp.example.net")
                .err())
        .contains("https://mcp.example.net/mcp");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b --dispatch",
        "laptop --dispatch --user key:0123",
        "laptop --dispatch --expires 2020-01-01T00:00:00Z",
        "laptop --dispatch --expires soon",
        "laptop --dispatch --local",
        "laptop --dispatch --data d"
      })
  void whatCouldNotBeRegisteredIsNotMade(String arguments) throws Exception {
    Mcpist.Result refused = mcpist.run(("keys create " + arguments).split(" ", -1));

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).hasLineCount(1);
  }

  @Test
  @Tag("long")
  void whatIsNoDigestIsNotRepeated() throws Exception {
    secrets();
    String key = ApiKey.create().secret().reveal();
    String digest = digest(key);
    Map<String, String> wrong = new TreeMap<>();
    wrong.put(key, "a key itself, or most of one");
    wrong.put("Bearer " + key.substring(0, 40), "a key itself, or most of one");
    wrong.put(key.substring(7), "has 49 characters");
    wrong.put(digest.substring(1), "has 63 characters");
    wrong.put(digest + "0", "has 65 characters");
    wrong.put("g" + digest.substring(1), "has other characters");
    wrong.put("", "has 0 characters");

    for (Map.Entry<String, String> one : wrong.entrySet()) {
      Mcpist.Result refused = mcpist.run("keys", "register", "a", "--digest=" + one.getKey());
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err())
          .hasLineCount(1)
          .contains(one.getValue())
          .doesNotContain(key.substring(10, 30), digest.substring(10, 30));
    }
    for (String option : List.of("--user", "--expires")) {
      Mcpist.Result refused = mcpist.run("keys", "register", "a", "--digest", digest, option, key);
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err()).hasLineCount(1).doesNotContain(key.substring(10, 30));
    }
    assertThat(origin.requests()).isEmpty();
  }
}
