package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Signals;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that cannot succeed: one clear line, and nothing is left. */
class PairStartFailureTest {
  private Mcpist mcpist;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  PairStartFailureTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    mcpist = new Mcpist(folder);
  }

  @AfterEach
  void nothingIsLeft() {
    mcpist.killAll();
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsOneLineWithoutThePassword() throws Exception {
    mcpist.environment.put("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/none");
    Mcpist.Result up = mcpist.run("up", "--port", "0", "--detach");

    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err()).hasLineCount(1).contains("DATABASE_URL").doesNotContain("hunter2");
    assertThat(mcpist.processes()).isEmpty();
  }

  @Test
  void anOriginThatRefusesToStartIsNamedWithItsReasonAndNothingIsLeft() throws Exception {
    Files.writeString(
        mcpist.folder().resolve("mcpist.yml"),
        "origins:\n  - name: one\n  - name: two\n    env: {STAND_IN: fail}\n");
    Mcpist.Result up = mcpist.run("up", "--port", "0");

    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err())
        .hasLineCount(1)
        .contains("two ended at once (exit code 2)", "STAND_IN is malformed", "two.log");
    assertThat(mcpist.processes()).isEmpty();

    Files.delete(mcpist.folder().resolve("mcpist.yml"));
    mcpist.up();
  }

  @Test
  void ctrlCDuringTheStartIsNoFailure() throws Exception {
    Files.writeString(
        mcpist.folder().resolve("mcpist.yml"),
        "origins:\n  - name: one\n    env: {STAND_IN: wait for /never}\n");
    Path out = mcpist.folder().resolve("up.out");
    Process up =
        Signals.stoppingOnInterrupt(mcpist.command("up", "--port", "0"))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    Path log = mcpist.data().resolve("logs/one.log");
    Conditions.await(
        "the origin starts",
        Mcpist.LIMIT,
        () -> Files.exists(log) && Files.readString(log).contains("origin starts"));

    Mcpist.signal("INT", up.pid());

    assertThat(up.waitFor(Mcpist.LIMIT)).isTrue();
    assertThat(Files.readString(out)).endsWith("Stopped.\n").doesNotContain("mcpist: ");
    assertThat(mcpist.processes()).isEmpty();
  }

  @Test
  void aPortThatIsTakenIsOneLineAndNothingIsStarted() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Mcpist.Result up = mcpist.run("up", "--port", port);

      assertThat(up.code()).isEqualTo(1);
      assertThat(up.err()).hasLineCount(1).contains("port " + port + " is taken", "--port");
      assertThat(mcpist.processes()).isEmpty();
      assertThat(mcpist.data().resolve("postgres")).doesNotExist();
    }
  }

  @Test
  void aDataFolderThatIsAFileIsOneLine() throws Exception {
    Path file = Files.writeString(mcpist.folder().resolve("file"), "");
    Mcpist.Result up = mcpist.run("up", "--port", "0", "--data", file.toString());

    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err()).hasLineCount(1).contains(file.toString());
  }

  @Test
  void aWrongFileIsWrongUsageWithItsLine() throws Exception {
    Files.writeString(
        mcpist.folder().resolve("mcpist.yml"), "origins:\n  - name: one\nmonitr: {}\n");
    Mcpist.Result up = mcpist.run("up", "--port", "0");

    assertThat(up.code()).isEqualTo(2);
    assertThat(up.err()).hasLineCount(1).contains("mcpist.yml:3:1: ", "Did you mean monitor?");
    assertThat(mcpist.data()).doesNotExist();
  }
}
