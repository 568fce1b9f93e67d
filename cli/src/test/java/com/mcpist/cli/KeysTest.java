package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.testkit.ClientsServer;
import com.mcpist.testkit.HttpMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keys, plans and users of a deployment on platforms, as processes of their own. */
class KeysTest {
  private static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  private static final String TOKEN = "the-admin-token-that-nobody-may-see!!";

  private final ClientsServer origin = new ClientsServer(SECRET, TOKEN);
  private Mcpist mcpist;

  // JUnit sets up before anything else.
  @SuppressWarnings("NullAway.Init")
  KeysTest() {}

  @BeforeEach
  void deployment(@TempDir Path folder) throws Exception {
    mcpist = new Mcpist(folder);
    mcpist.environment.put("GATEWAY_SECRET", SECRET);
    mcpist.environment.put("ADMIN_TOKEN", TOKEN);
    write("");
  }

  private void write(String more) throws Exception {
    Files.writeString(
        mcpist.folder().resolve("mcpist.yml"),
        """
        service: notes
        domain: notes.example.com
        origins: [{name: one, platform: fly, app: notes, url: "%s"}]
        %s
        """
            .formatted(origin.url(), more));
  }

  @AfterEach
  void close() throws Exception {
    origin.close();
  }

  private static String digest(String key) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aProgramTakesTheKeyFromStandardOutputAndNobodyElseHasIt() throws Exception {
    Mcpist.Result made = mcpist.run("keys", "create", "laptop", "--expires", "90d");

    assertThat(made.code()).as(made.err()).isZero();
    String key = made.out().strip();
    assertThat(made.out()).isEqualTo(key + System.lineSeparator());
    assertThat(ApiKey.parse(key)).isPresent();
    assertThat(origin.digests()).containsExactly(digest(key));
    assertThat(made.err())
        .contains(
            "the key laptop of the user local; it expires at ",
            "claude mcp add --transport http --scope user mcpist https://notes.example.com/mcp"
                + " \\\n    --header \"Authorization: Bearer $KEY\"",
            "Below, $KEY stands for it.",
            "mcpist keys revoke laptop")
        .doesNotContain(key, "Note:");
    assertThat(origin.requests()).extracting(HttpMessage::text).noneMatch(t -> t.contains(key));
  }

  @Test
  void theListTellsWhatThereIsForPeopleAndForPrograms() throws Exception {
    assertThat(mcpist.run("keys", "list").out()).contains("There are no keys.");
    assertThat(mcpist.run("keys", "create", "laptop").code()).isZero();
    assertThat(mcpist.run("keys", "create", "ci", "--user", "build").code()).isZero();
    assertThat(mcpist.run("keys", "revoke", "laptop").out())
        .isEqualTo("The key laptop of the user local is revoked.\n");

    Mcpist.Result table = mcpist.run("keys", "list");
    JsonNode json = JsonMapper.shared().readTree(mcpist.run("keys", "list", "--json").out());

    assertThat(table.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("NAME "),
            line -> assertThat(line).matches("ci +build +works .* never .*"),
            line -> assertThat(line).matches("laptop +local +revoked .*"));
    assertThat(json).hasSize(2);
    assertThat(json.path(0).propertyNames())
        .containsExactly("id", "name", "user", "created", "expires", "revoked", "fingerprint");
    assertThat(table.out()).contains(origin.digests().getFirst().substring(0, 16));
    assertThat(json.path(1).path("fingerprint").asString())
        .isEqualTo(origin.digests().getFirst().substring(0, 16));
    assertThat(table.err()).isEmpty();
    assertThat(json.path(0).path("revoked").isNull()).isTrue();
    assertThat(json.path(1).path("revoked").asString()).isEqualTo("2026-11-26T00:00:00Z");
  }

  @Test
  void aNameThatIsTakenAndAKeyThatIsNot() throws Exception {
    assertThat(mcpist.run("keys", "create", "laptop").code()).isZero();

    Mcpist.Result taken = mcpist.run("keys", "create", "laptop");
    assertThat(taken.code()).isEqualTo(1);
    assertThat(taken.out()).isEmpty();
    assertThat(taken.err()).hasLineCount(1).contains("there is a key called laptop already");
    Mcpist.Result absent = mcpist.run("keys", "revoke", "desktop");
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err()).contains("there is no key called desktop: `mcpist keys list`");
  }

  @Test
  void aKeyThatNobodyIsAskedForIsNoted() throws Exception {
    write("auth: none");
    assertThat(mcpist.run("keys", "create", "laptop").err()).contains("asks nobody for a key");
    write("auth: {keys: false, jwt: supabase}");
    assertThat(mcpist.run("keys", "create", "phone").err()).contains("accepts no keys");
  }

  @Test
  @Tag("long")
  void aUserWhomAnIssuerMayNameTooIsNoted() throws Exception {
    write(
        "auth: {jwt: {issuer: 'https://login.example.com', jwks: 'https://login.example.com/k'}}");

    Mcpist.Result made = mcpist.run("keys", "create", "ci", "--user", "build");

    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).hasLineCount(1);
    assertThat(made.err().lines().filter(line -> line.startsWith("Note:")))
        .containsExactly(
            "Note: whoever has the name build at the issuer of auth is the same user. Use a name"
                + " that it gives to nobody else.");
    assertThat(mcpist.run("keys", "create", "laptop").err())
        .as("local is nobody's sub")
        .doesNotContain("Note:");
    write("");
    assertThat(mcpist.run("keys", "create", "cd", "--user", "build").err()).doesNotContain("Note:");
  }

  @Test
  void plansAndWhoHasThem() throws Exception {
    Mcpist.Result set =
        mcpist.run(
            "plans set team --calls-per-minute 1200 --calls-at-once 100 --storage-mib 500"
                .split(" "));
    assertThat(set.code()).as(set.err()).isZero();
    assertThat(set.out()).isEqualTo("The plan team: 1200 calls a minute, 100 at once, 500 MiB.\n");
    assertThat(mcpist.run("users", "set", "alice", "--plan", "team").out())
        .isEqualTo("alice has the plan team.\n");

    assertThat(mcpist.run("plans", "list").out().lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("PLAN      CALLS A MINUTE  AT ONCE  STORAGE"),
            line -> assertThat(line).matches("standard +300 +50 +100 MiB"),
            line -> assertThat(line).matches("team +1200 +100 +500 MiB"),
            line -> assertThat(line).isEmpty(),
            line -> assertThat(line).isEqualTo("USER   PLAN"),
            line -> assertThat(line).isEqualTo("alice  team"));
    assertThat(mcpist.run("plans", "list", "--json").out())
        .isEqualTo(
            "{\"plans\":[{\"name\":\"standard\",\"callsPerMinute\":300,\"callsAtOnce\":50,"
                + "\"storageMib\":100},"
                + "{\"name\":\"team\",\"callsPerMinute\":1200,\"callsAtOnce\":100,"
                + "\"storageMib\":500}],"
                + "\"users\":[{\"user\":\"alice\",\"plan\":\"team\"}]}\n");
    Mcpist.Result unknown = mcpist.run("users", "set", "bob", "--plan", "gold");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("there is no plan called gold: `mcpist plans list`");
  }

  @Test
  void whoHasStoredHowMuch() throws Exception {
    assertThat(mcpist.run("users", "list").out())
        .isEqualTo("No user has stored anything or has a plan.\n");
    mcpist.run("plans", "set", "team", "--calls-per-minute", "9", "--calls-at-once", "9");
    mcpist.run("users", "set", "carol", "--plan", "team");
    assertThat(mcpist.run("users", "list").out()).contains("carol  team");
    mcpist.run("users", "set", "carol", "--plan", "standard");
    origin.store("bob", 1024);
    origin.store("alice", 52_848_230);

    assertThat(mcpist.run("users", "list").out().lines())
        .containsExactly(
            "USER   PLAN        STORED", "alice  standard  50.4 MiB", "bob    standard   0.0 MiB");
    assertThat(mcpist.run("users", "list", "--json").out())
        .isEqualTo(
            "[{\"user\":\"alice\",\"plan\":\"standard\",\"storedBytes\":52848230,"
                + "\"subscription\":null},"
                + "{\"user\":\"bob\",\"plan\":\"standard\",\"storedBytes\":1024,"
                + "\"subscription\":null}]\n");
    Mcpist.Result one = mcpist.run("users", "list", "--limit", "1");
    assertThat(one.out()).contains("alice").doesNotContain("bob");
    assertThat(one.err()).isEqualTo("1 of 2 users are shown, those who have stored most.\n");
  }

  @ParameterizedTest
  @CsvSource({
    "ADMIN_TOKEN, ADMIN_TOKEN is not set: the origins keep the keys and plans",
    "GATEWAY_SECRET, GATEWAY_SECRET is not set"
  })
  void whatIsNotSetIsNamed(String variable, String message) throws Exception {
    mcpist.environment.remove(variable);

    Mcpist.Result failed = mcpist.run("keys", "create", "laptop");

    assertThat(failed.code()).isNotZero();
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err()).hasLineCount(1).contains(message);
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void whereNoPairRunsItIsSaid() throws Exception {
    Mcpist.Result none = mcpist.run("keys", "create", "laptop", "--local");

    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("no pair is running in", "`mcpist up` starts one");
  }

  @Test
  void aKeyThatStandsWhereItsNameShouldIsNotRepeated() throws Exception {
    String key = ApiKey.create().secret().reveal();
    for (String command : new String[] {"create", "revoke"}) {
      refused("this is a key itself", key, "keys", command, key + "x");
      refused("Unmatched argument", key, "keys", command, "laptop", key);
    }
    assertThat(origin.requests()).isEmpty();
  }

  private void refused(String said, String key, String... command) throws Exception {
    Mcpist.Result refused = mcpist.run(command);

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.out() + refused.err()).contains(said).doesNotContain(key.substring(7, 40));
  }

  @Test
  @Tag("long")
  void aListThatIsCutSaysSoAndHowToSeeTheRest() throws Exception {
    for (String name : List.of("planted", "gone", "new")) {
      assertThat(mcpist.run("keys", "create", name).code()).isZero();
    }
    assertThat(mcpist.run("keys", "revoke", "gone").code()).isZero();

    for (String form : List.of("", "--json")) {
      List<String> arguments = new ArrayList<>(List.of("keys", "list", "--limit", "2"));
      arguments.addAll(form.isEmpty() ? List.of() : List.of(form));
      Mcpist.Result list = mcpist.run(arguments.toArray(String[]::new));
      assertThat(list.out()).contains("planted", "new").doesNotContain("gone");
      assertThat(list.err())
          .isEqualTo(
              "2 of 3 keys are shown, those that work first; 2 work in all. --limit 3 shows"
                  + " all.\n");
    }
    assertThat(mcpist.run("keys", "list", "--limit", "3").err()).isEmpty();
    assertThat(mcpist.run("users", "set", "ann", "--plan", "standard").code()).isZero();
    mcpist.run("plans", "set", "team", "--calls-per-minute", "9", "--calls-at-once", "9");
    mcpist.run("users", "set", "alice", "--plan", "team");
    mcpist.run("users", "set", "bob", "--plan", "team");
    Mcpist.Result plans = mcpist.run("plans", "list", "--limit", "1");
    assertThat(plans.out()).contains("alice").doesNotContain("bob", "ann");
    assertThat(plans.err()).isEqualTo("1 of 2 users are shown, by name. --limit 2 shows all.\n");
  }
}
