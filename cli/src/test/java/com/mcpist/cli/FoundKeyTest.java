package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.testkit.ClientsServer;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key that somebody has found, whose name nobody knows: it is traced, ended, and never shown. */
class FoundKeyTest {
  private static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  private static final String TOKEN = "the-admin-token-that-nobody-may-see!!";

  private final ClientsServer origin = new ClientsServer(SECRET, TOKEN);
  private Mcpist mcpist;
  private String key;

  // JUnit sets up before anything else.
  @SuppressWarnings("NullAway.Init")
  FoundKeyTest() {}

  @BeforeEach
  void deployment(@TempDir Path folder) throws Exception {
    mcpist = new Mcpist(folder);
    mcpist.environment.put("GATEWAY_SECRET", SECRET);
    mcpist.environment.put("ADMIN_TOKEN", TOKEN);
    Files.writeString(
        folder.resolve("mcpist.yml"),
        """
        service: notes
        domain: notes.example.com
        origins: [{name: one, platform: fly, app: notes, url: "%s"}]
        """
            .formatted(origin.url()));
    key = mcpist.run("keys", "create", "laptop", "--user", "ann").out().strip();
    assertThat(ApiKey.parse(key)).isPresent();
  }

  @AfterEach
  void close() throws Exception {
    assertThat(origin.requests())
        .extracting(HttpMessage::toString)
        .noneMatch(text -> text.contains(key));
    origin.close();
  }

  private Mcpist.Result revoke(String input) throws Exception {
    Mcpist.Result result = mcpist.runWith(input, "keys", "revoke", "--stdin");
    assertThat(result.out() + result.err()).doesNotContain(key.substring(7, 40));
    return result;
  }

  @Test
  void itIsEndedAndItsNameAndUserAreSaid() throws Exception {
    Mcpist.Result ended = revoke(key + "\n");

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out()).isEqualTo("The key laptop of the user ann is revoked.\n");
    assertThat(mcpist.run("keys", "list").out()).containsPattern("laptop +ann +revoked");
  }

  @Test
  @Tag("long")
  void thatItWasRevokedBeforeIsSaid() throws Exception {
    assertThat(mcpist.run("keys", "revoke", "laptop").code()).isZero();

    Mcpist.Result again = revoke("  " + key + "\r\n\n");

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out())
        .matches("The key laptop of the user ann was revoked already: 2026-11-2.*\\.\n");
  }

  @Test
  void aKeyThatIsNobodysIsAFailure() throws Exception {
    String other = ApiKey.create().secret().reveal();

    Mcpist.Result nobody = revoke(other);

    assertThat(nobody.code()).isEqualTo(1);
    assertThat(nobody.out()).isEmpty();
    assertThat(nobody.err())
        .hasLineCount(1)
        .contains("this key is unknown", "another deployment's")
        .doesNotContain(other);
  }

  @Test
  @Tag("long")
  void whatIsNoKeyIsSaidWithoutRepeatingIt() throws Exception {
    int before = origin.requests().size();

    assertThat(revoke("").err()).contains("standard input is empty");
    assertThat(revoke("a word of mine").err())
        .contains("no API key")
        .doesNotContain("a word of mine");
    for (String broken : List.of(key.substring(0, 55), key + "x", key + "\n" + key, "x" + key)) {
      Mcpist.Result refused = revoke(broken);
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err()).contains("is not one whole key");
    }
    assertThat(origin.requests()).hasSize(before);
  }

  @Test
  @Tag("long")
  void eitherTheNameOrTheKeyIsGiven() throws Exception {
    for (String[] wrong :
        new String[][] {{"keys", "revoke"}, {"keys", "revoke", "laptop", "--stdin"}}) {
      Mcpist.Result refused = mcpist.run(wrong);
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err()).contains("give either NAME_OR_ID, or --stdin");
    }
  }

  @Test
  @Needs(Need.SCRIPT)
  void aTerminalAsksForItAndDoesNotShowIt() throws Exception {
    Path shown = mcpist.folder().resolve("shown");
    Process process = atATerminal("", shown);
    Conditions.await("it asks", Mcpist.LIMIT, () -> read(shown).contains("not shown: "));
    process.getOutputStream().write((key + "\n").getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();

    assertThat(process.waitFor(Mcpist.LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    assertThat(process.exitValue()).as(read(shown)).isZero();
    assertThat(read(shown))
        .contains("The key laptop of the user ann is revoked.")
        .doesNotContain(key);
  }

  /** There is no way to hide what is typed then. */
  @Test
  @Tag("long")
  @Needs(Need.SCRIPT)
  void whereTheOutputIsNoTerminalNothingIsTyped() throws Exception {
    Path shown = mcpist.folder().resolve("shown");
    Process process = atATerminal(" >kept", shown);

    assertThat(process.waitFor(Mcpist.LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(read(shown)).contains("what is typed here would be shown");
  }

  /** Util-linux's script is a terminal whose screen is its standard output. */
  private Process atATerminal(String redirection, Path shown) throws IOException {
    ProcessBuilder builder = mcpist.command("keys", "revoke", "--stdin");
    String line =
        builder.command().stream().map(part -> "'" + part + "'").collect(Collectors.joining(" "));
    return builder
        .command("script", "-qec", line + redirection, "/dev/null")
        .redirectErrorStream(true)
        .redirectOutput(shown.toFile())
        .start();
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
