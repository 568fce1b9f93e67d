package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Signals;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The commands of one machine's pair, as a person types them. */
class CommandsIT {

  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private Pair pair;

  @BeforeEach
  void prepare() throws IOException {
    pair = Pair.prepare(Map.of());
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
  }

  @Test
  void aPairsLifeFromUpToDownAndUpAgain() throws Exception {
    Command.Result up = pair.start();
    assertThat(up.out()).contains(pair.url());
    assertThat(up.all()).as("no colours where there is no terminal").doesNotContain("\u001b[");

    Status status = pair.awaitSettled();
    Command.Result told = pair.run("status", "--json");
    assertThat(told.code()).as(told.all()).isZero();
    assertThat(Status.parse(told.out())).isEqualTo(status);
    assertThat(status.edge().url()).startsWith("http://127.0.0.1:" + pair.port());
    assertThat(status.origins())
        .extracting(Status.Origin::name)
        .containsExactly(Pair.PRIMARY, Pair.STANDBY);
    assertThat(status.origins()).extracting(Status.Origin::release).doesNotContainNull();
    assertThat(status.database().url()).startsWith("postgres");
    assertThat(ProcessHandle.of(status.edge().pid())).isPresent();
    assertThat(pair.run("status").out()).contains(Pair.PRIMARY, Pair.STANDBY, "healthy");

    String id = save("Kept over a restart");
    assertThat(pair.run("logs").out()).contains("[koyeb]", "[flyio]");
    assertThat(pair.run("logs", Pair.STANDBY).out()).contains("[flyio]").doesNotContain("[koyeb]");

    assertThatNoSecretIsShown(status);

    assertThat(pair.run("metrics").out()).contains("mcpist_failovers_total").endsWith("\n");
    assertThat(pair.run("metrics", Pair.STANDBY, "--openmetrics").out())
        .contains("mcpist_database_up 1")
        .endsWith("# EOF\n");
    assertOneLine(pair.run("metrics", "nobody"), "edge, " + Pair.PRIMARY);

    Command.Result second = pair.run("up", "--detach", "--port", Integer.toString(pair.port()));
    assertThat(second.code()).isEqualTo(1);
    assertOneLine(second, pair.data().toString());
    assertThat(pair.status().edge().pid()).as("the first goes on").isEqualTo(status.edge().pid());

    pair.down();
    assertThat(pair.run("down").all()).as("nothing to stop").isNotBlank();
    assertThat(pair.run("status").code()).isEqualTo(1);

    pair.start();
    try (McpConnection client = McpConnection.open(pair.port())) {
      assertThat(
              client.call("memory_get", Map.of("id", id)).structured().findPath("title").asString())
          .isEqualTo("Kept over a restart");
    }
    pair.down();
  }

  private void assertThatNoSecretIsShown(Status status) throws IOException {
    List<String> secrets = secrets(status);
    assertThat(secrets).isNotEmpty();

    String shown =
        pair.run("status", "--json").all() + pair.run("status").all() + pair.run("logs").all();
    String arguments =
        pair.processes().stream()
            .map(p -> p.info().commandLine().orElse(""))
            .reduce("", String::concat);
    for (String secret : secrets) {
      assertThat(shown).doesNotContain(secret);
      assertThat(arguments).doesNotContain(secret);
    }
  }

  // The gateway secret and the admin tokens, as the processes have them.
  private static List<String> secrets(Status status) throws IOException {
    Path environment = Path.of("/proc", Long.toString(status.edge().pid()), "environ");
    return List.of(Files.readString(environment).split("\0", -1)).stream()
        .filter(v -> v.startsWith("GATEWAY_SECRET=") || v.startsWith("EDGE_ADMIN_TOKEN="))
        .map(v -> v.substring(v.indexOf('=') + 1))
        .toList();
  }

  @Test
  void aTakenPortIsOneClearLineAndNothingIsStarted() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Command.Result up = pair.run("up", "--detach", "--port", port);
      assertThat(up.code()).isEqualTo(1);
      assertOneLine(up, port);
      pair.assertNoProcess();
    }
  }

  @Test
  void aDataFolderThatCannotBeMadeIsOneClearLine() throws Exception {
    // Root may write anywhere, so what is in the way is a file.
    Files.writeString(pair.data(), "not a folder");
    Command.Result up = pair.run("up", "--detach", "--port", Integer.toString(pair.port()));
    assertThat(up.code()).isEqualTo(1);
    assertOneLine(up, pair.data().toString());
    pair.assertNoProcess();
  }

  @Test
  void wrongUsageIsTwoAndHelpIsZero() throws Exception {
    assertThat(pair.run("up", "--prot", "1").code()).isEqualTo(2);
    assertThat(pair.run("up", "--port", "eighty").code()).isEqualTo(2);
    assertThat(pair.run("drain").code()).isEqualTo(2);
    for (String command : List.of("up", "origin")) { // All of them: UsageTest.
      Command.Result help =
          Command.run(Root.process(pair.home(), Root.PATH + "/mcpist", command, "--help"));
      assertThat(help.code()).as(command).isZero();
      assertThat(help.out()).contains("mcpist " + command);
    }
  }

  @Test
  @Tag("long")
  void ctrlCStopsEverything() throws Exception {
    Path out = pair.home().resolve("out");
    Process up =
        Signals.stoppingOnInterrupt(pair.command("up", "--port", Integer.toString(pair.port())))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    Conditions.await("it is up", START_LIMIT, () -> Files.readString(out).contains(pair.url()));
    pair.awaitSettled();

    Processes.interrupt(up.pid());
    Conditions.await("it has ended", START_LIMIT, () -> !up.isAlive());
    pair.assertNoProcess();
    assertThat(Files.readString(out)).doesNotContain("Exception");
  }

  private String save(String title) throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      return client
          .call("memory_save", Map.of("title", title, "text", "t"))
          .structured()
          .findPath("id")
          .asString();
    }
  }

  private static void assertOneLine(Command.Result result, String named) {
    assertThat(result.err().lines().filter(l -> !l.isBlank()).toList()).as(result.all()).hasSize(1);
    assertThat(result.err()).contains(named).doesNotContain("Exception", "\tat ");
  }
}
