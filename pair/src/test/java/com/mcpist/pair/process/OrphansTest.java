package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.pair.process.Orphans.Orphan;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphansTest {
  private final List<Process> started = new ArrayList<>();

  @TempDir private Path folder;

  @AfterEach
  void leaveNoProcess() {
    started.forEach(Process::destroyForcibly);
  }

  /** A process whose command looks like that of a program of that folder. */
  private Process process(String script, Path programs, String mark) throws IOException {
    Process process =
        new ProcessBuilder("sh", "-c", script, "java", mark, "-cp", programs + "/x/*", "Main")
            .start();
    started.add(process);
    return process;
  }

  @Test
  void theyAreFoundByTheirCommandsTheNewestFirst() throws Exception {
    Path programs = folder.resolve("one");
    Process old = process("read -r _", programs, Orphans.mark("edge", "20001"));
    Process another = process("read -r _", folder.resolve("one more"), Orphans.mark("edge", "1"));
    Conditions.await("a later start time", () -> isLater(old, another));
    Process unmarked = process("read -r _", programs, "-Xmx1m");

    List<Orphan> found = Orphans.of(programs);

    assertThat(found)
        .extracting(orphan -> orphan.process().pid())
        .containsExactly(unmarked.pid(), old.pid());
    assertThat(found.getLast().program()).isEqualTo("edge");
    assertThat(found.getLast().which()).isEqualTo("20001");
    assertThat(found.getFirst().program()).isEmpty();
  }

  /** The system tells start times in hundredths of a second. */
  private boolean isLater(Process old, Process another) throws IOException {
    Process now = process("read -r _", folder.resolve("another"), "");
    return now.info().startInstant().orElseThrow().isAfter(old.info().startInstant().orElseThrow())
        && now.info()
            .startInstant()
            .orElseThrow()
            .isAfter(another.info().startInstant().orElseThrow());
  }

  @Test
  @Needs(Need.MOUNT)
  void whatAnotherUserCallsSoIsNone() throws Exception {
    List<String> asRoot = new UnixSystem().getUid() == 0 ? List.of() : List.of("sudo", "-n");
    List<String> command = new ArrayList<>(asRoot);
    command.addAll(List.of("setpriv", "--reuid=nobody", "--clear-groups", "sh", "-c", "read -r _"));
    command.addAll(List.of("java", Orphans.mark("edge", "1"), "-cp", folder + "/x/*", "Main"));
    Process another = new ProcessBuilder(command).start();
    started.add(another);
    Conditions.await(
        "it is another's",
        () ->
            Stream.concat(Stream.of(another.toHandle()), another.descendants())
                .anyMatch(process -> process.info().user().equals(Optional.of("nobody"))));

    assertThat(Orphans.of(folder)).isEmpty();
    another.getOutputStream().close();
    another.waitFor();
  }

  @Test
  void edgesEndBeforeTheOriginsThatTheyCall() throws Exception {
    Path told = folder.resolve("told");
    String script =
        "trap 'echo %s >>" + told + "; exit' TERM; echo >%s; while :; do sleep 0.1; done";
    process(
        script.formatted("origin", folder.resolve("a")),
        folder,
        Orphans.mark("koyeb-primary", "r"));
    process(script.formatted("edge", folder.resolve("b")), folder, Orphans.mark("edge", "20001"));
    Conditions.await(
        "both have begun",
        () -> Files.exists(folder.resolve("a")) && Files.exists(folder.resolve("b")));

    Orphans.end(Orphans.of(folder));

    assertThat(told).hasContent("edge\norigin");
    assertThat(Orphans.of(folder)).isEmpty();
  }

  @Test
  void oneForWhoseEndNobodyHasWaitedHasEnded() throws Exception {
    // The shell waits for nobody, and so what it has started stays in the table of processes.
    Process parent =
        new ProcessBuilder("sh", "-c", "exec 3<&0; sleep 1000 & echo $!; read -r _ <&3").start();
    started.add(parent);
    long pid = Long.parseLong(parent.inputReader().readLine());
    ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
    assertThat(AdoptedProcess.ends(child, Duration.ZERO)).isFalse();
    Process adopted = new AdoptedProcess(child);
    assertThat(adopted.isAlive()).isTrue();

    adopted.destroyForcibly();

    assertThat(adopted.waitFor()).isEqualTo(AdoptedProcess.UNKNOWN);
    assertThat(adopted.exitValue()).isEqualTo(AdoptedProcess.UNKNOWN);
    assertThat(adopted.onExit().get()).isNotNull();
    assertThat(adopted.isAlive()).isFalse();
  }
}
