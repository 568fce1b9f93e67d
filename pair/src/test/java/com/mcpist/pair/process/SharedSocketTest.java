package com.mcpist.pair.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A socket whose holder is a shell. The programs are shells, too, which do not accept. */
class SharedSocketTest {
  private static final String IDLE = "while :; do sleep 0.1; done";

  private final int port = Ports.free();
  private final List<Process> started = new ArrayList<>();

  @TempDir private Path folder;

  @AfterEach
  void leaveNoProcess() {
    started.forEach(Process::destroyForcibly);
    SharedSocket.holder(folder).ifPresent(ProcessHandle::destroyForcibly);
  }

  private Process start(SharedSocket socket, String script, String mark) throws IOException {
    ProcessBuilder program =
        new ProcessBuilder("sh", "-c", script, mark).directory(folder.toFile());
    program.environment().clear();
    program.environment().putAll(Map.of("PATH", "/usr/bin:/bin", "SAYS", "it's a \"$1\"\nor two"));
    Process process = socket.start(program, mark, folder.resolve("a.log"));
    started.add(process);
    return process;
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("a.log"));
  }

  private boolean isListening() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void aProgramHasTheSocketItsVariablesAndItsFolderAndNothingElse() throws Exception {
    SharedSocket socket = SharedSocket.listen(port, folder);
    String script = "readlink /proc/$$/fd/0; pwd; echo \"$SAYS\"; ls /proc/$$/fd; env; " + IDLE;

    Process process = start(socket, script, "the mark's own");

    Conditions.await("it has said all", () -> log().contains("PATH="));
    assertThat(log())
        .startsWith("socket:[")
        .contains("\n" + folder.toRealPath() + "\nit's a \"$1\"\nor two\n0\n1\n2\n")
        .doesNotContain("HOME");
    assertThat(process.isAlive()).isTrue();
    assertThat(isListening()).isTrue();
  }

  @Test
  void itListensForAsLongAsItsHolderOrAProgramLives() throws Exception {
    SharedSocket socket = SharedSocket.listen(port, folder);
    ProcessHandle holder = SharedSocket.holder(folder).orElseThrow();
    assertThat(isListening()).as("before any program").isTrue();
    Process process = start(socket, IDLE, "one");
    // Another supervisor.
    SharedSocket again = SharedSocket.adopt(port, folder, holder);
    Process second = start(again, IDLE, "two");
    assertThat(SharedSocket.holder(folder)).contains(holder);
    process.destroyForcibly();
    second.destroyForcibly();
    Conditions.await("both are gone", () -> !process.isAlive() && !second.isAlive());
    assertThat(isListening()).as("between two programs").isTrue();

    again.close();

    Conditions.await("nobody is to wait", () -> !isListening());
  }

  @Test
  void itsHolderRemembersARecordThatNobodyElseSees() throws Exception {
    SharedSocket socket = SharedSocket.listen(port, folder);
    ProcessHandle holder = SharedSocket.holder(folder).orElseThrow();
    assertThat(SharedSocket.remembered(folder)).isEmpty();
    byte[] record = new byte[200_000]; // More than the FIFO's buffer.
    new Random(7).nextBytes(record);
    socket.remember("the first".getBytes(StandardCharsets.UTF_8));

    socket.remember(record);

    assertThat(SharedSocket.remembered(folder)).contains(record);
    Process process = start(socket, IDLE, "one");
    assertThat(SharedSocket.remembered(folder)).as("once more").contains(record);
    for (long pid : List.of(holder.pid(), process.pid())) {
      for (String file : List.of("environ", "cmdline")) {
        assertThat(Files.readString(Path.of("/proc", "" + pid, file), StandardCharsets.ISO_8859_1))
            .doesNotContain("record", Base64.getEncoder().encodeToString(record).substring(0, 20));
      }
    }
  }

  @Test
  void whereItsHolderIsGoneItListensAnewForTheNextProgram() throws Exception {
    SharedSocket socket = SharedSocket.listen(port, folder);
    socket.remember("before".getBytes(StandardCharsets.UTF_8));
    ProcessHandle holder = SharedSocket.holder(folder).orElseThrow();
    Process process = start(socket, IDLE, "one");
    holder.destroyForcibly();
    Conditions.await("it is gone", () -> !AdoptedProcess.runs(holder));
    assertThat(isListening()).as("the program has it").isTrue();
    socket.remember("meanwhile".getBytes(StandardCharsets.UTF_8));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> start(socket, IDLE, "two"))
        .withMessageContaining("is taken");

    process.destroyForcibly();
    Conditions.await("the port is free", () -> !isListening());
    assertThat(start(socket, IDLE, "three").isAlive()).isTrue();
    assertThat(isListening()).isTrue();
    assertThat(SharedSocket.remembered(folder))
        .contains("meanwhile".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aPortThatIsTakenIsSaid() throws Exception {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(() -> SharedSocket.listen(port, folder))
          .withMessageContaining("port " + port + " is taken", "--port");
      assertThat(SharedSocket.holder(folder)).isEmpty();
    }
  }
}
