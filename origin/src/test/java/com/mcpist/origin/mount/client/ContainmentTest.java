package com.mcpist.origin.mount.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how a program that is not trusted is started on this machine. */
@Needs(Need.CONTAINMENT)
final class ContainmentTest {
  @TempDir private Path folder = Path.of("");

  private static Process start(Containment containment, Optional<Path> cwd, String script)
      throws IOException {
    List<String> words = List.of("/bin/sh", "-c", script, "it", "an argument", "$1");
    ProcessBuilder builder = new ProcessBuilder(containment.command(words, cwd));
    builder.environment().put("A_TOKEN", "of its own");
    return builder.redirectErrorStream(true).start();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
  }

  private String told(Containment containment, String script) throws IOException {
    return output(start(containment, Optional.of(folder), script));
  }

  @Test
  void aProgramHasItsArgumentsVariablesInputFolderAndExitCode() throws Exception {
    Containment containment = Containment.best(List.of());
    Process process =
        start(containment, Optional.of(folder), "echo $A_TOKEN, $1, $2, $(pwd), $(cat); exit 7");
    process.outputWriter().write("what it reads");
    process.outputWriter().close();

    assertThat(output(process))
        .isEqualTo("of its own, an argument, $1, " + folder + ", what it reads");
    assertThat(process.waitFor()).isEqualTo(7);
    assertThat(containment.problem()).isEmpty();
    assertThat(told(containment, "id -u"))
        .isEqualTo(Files.getAttribute(folder, "unix:uid").toString());
    assertThat(told(containment, "kill -s SEGV $$")).isEmpty();
  }

  @Test
  void aProgramWithoutAFolderHasANewOne() throws Exception {
    Process process = start(Containment.best(List.of()), Optional.empty(), "ls -A; touch x; pwd");

    assertThat(output(process)).isEqualTo("/dev/shm/mcpist");
    assertThat(Path.of("/dev/shm/mcpist/x")).doesNotExist();
  }

  @Test
  void aHiddenFolderIsEmptyAndStaysSo() throws Exception {
    Path hidden = Files.createDirectory(folder.resolve("hidden, with spaces"));
    Files.writeString(hidden.resolve("secret"), "a secret");
    Containment containment = Containment.best(List.of(hidden.toString(), "/no/such/folder"));

    String all = "ls -A '%s'; cat '%s/secret' 2>/dev/null".formatted(hidden, hidden);
    assertThat(told(containment, all)).isEmpty();
    assertThat(told(containment, "umount '%s' 2>/dev/null; %s".formatted(hidden, all))).isEmpty();
    // A hidden folder is empty for a program that begins in it, too.
    assertThat(output(start(containment, Optional.of(hidden), "ls -A"))).isEmpty();
    assertThat(hidden.resolve("secret")).hasContent("a secret");
  }

  @Test
  void aProgramHasNoCapabilityAndGetsNone() throws Exception {
    assertThat(
            told(Containment.best(List.of()), "grep -E '^(Cap|NoNewPrivs)' /proc/self/status")
                .lines())
        .allMatch(line -> line.matches("Cap...:\\s+0+|NoNewPrivs:\\s+1"))
        .hasSize(6);
  }

  @Test
  void aProgramSeesAndSignalsItsOwnProcessesOnly() throws Exception {
    long pid = ProcessHandle.current().pid();
    String script =
        "set -- /proc/[0-9]*; echo $#; kill -0 %d 2>/dev/null && echo signalled".formatted(pid);

    // They are the first process of the namespace, and the shell.
    assertThat(told(Containment.best(List.of()), script)).isEqualTo("2");
  }

  @Test
  void allItStartedIsInItsTreeAndEndsWithIt() throws Exception {
    Process process =
        start(
            Containment.best(List.of()),
            Optional.empty(),
            "(setsid sleep 1000 >/dev/null 2>&1 &); echo begun; exec sleep 1000");
    assertThat(process.inputReader().readLine()).isEqualTo("begun");
    long root = process.pid();
    List<Long> tree =
        Conditions.awaitValue(
            "both are in the tree",
            Calls.LIMIT,
            () -> {
              var rows = ProcessTable.now().tree(root);
              // They are the one that enters the namespaces, the first, and both that sleep.
              return rows.size() == 4
                  ? Optional.of(rows.stream().map(ProcessTable.Row::pid).toList())
                  : Optional.empty();
            });

    process.destroyForcibly();

    Conditions.await(
        "all have ended",
        () -> ProcessTable.now().rows().keySet().stream().noneMatch(tree::contains));
  }

  @Test
  void whatIsNoListOfFoldersIsRefused() {
    for (String wrong : List.of("/a", "{}", "[\"a\"]", "[1]", "")) {
      assertThatThrownBy(() -> Containment.check(Map.of(Containment.HIDDEN, wrong)))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
    Containment.check(Map.of());
    Containment.check(Map.of(Containment.HIDDEN, "[\"/a\", \"/b c\"]"));
  }
}
