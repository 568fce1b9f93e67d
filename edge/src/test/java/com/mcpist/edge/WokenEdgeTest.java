package com.mcpist.edge;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests an edge that is stopped, and goes on later. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WokenEdgeTest {
  private static final String POST = RawHttp.post("/mcp", "", CALL);

  @Test
  void doesNothingForClientsThatHaveGone() throws Exception {
    try (OriginProcess origin = OriginProcess.start("one").mcp(_ -> answer(200, ANSWER))) {
      Process edge = start(origin);
      try (BufferedReader lines = edge.inputReader()) {
        int port = port(lines);
        List<RawHttp> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          clients.add(RawHttp.connect(port));
          assertThat(clients.getLast().send(POST).read().text()).isEqualTo(ANSWER);
        }
        signal("-STOP", edge);
        // While a process has a signal on its way, some of its threads still run.
        Conditions.await("all its threads are stopped", () -> stopped(edge));
        long stopped = System.nanoTime();
        for (int i = 0; i < 8; i++) {
          clients.add(RawHttp.connect(port));
        }
        for (RawHttp client : clients) {
          client.send(POST).close();
        }
        RawHttp patient = RawHttp.connect(port).send(POST);
        Conditions.await(
            "it was stopped for a while", () -> System.nanoTime() - stopped > 1_500_000_000L);
        signal("-CONT", edge);
        assertThat(patient.read().text()).isEqualTo(ANSWER);
        assertThat(RawHttp.exchange(port, POST).text()).isEqualTo(ANSWER);
        assertThat(origin.calls()).isEqualTo(8 + 2);
      } finally {
        edge.destroyForcibly();
      }
    }
  }

  private static Process start(OriginProcess origin) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(MainTest.command());
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.environment().put("GATEWAY_SECRET", MainTest.SECRET);
    builder
        .environment()
        .put(
            "EDGE_CONFIG",
            "{\"port\":0,\"origins\":[{\"name\":\"a\",\"url\":\"%s\"}]}".formatted(origin.url()));
    return builder.redirectErrorStream(true).start();
  }

  private static int port(BufferedReader lines) {
    String listens =
        Conditions.awaitValue(
            "it listens",
            Conditions.LIMIT,
            () ->
                Optional.ofNullable(lines.readLine())
                    .filter(line -> line.contains("edge listens on")));
    return Integer.parseInt(listens.replaceAll(".*:(\\d+).*", "$1"));
  }

  private static boolean stopped(Process process) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc", "" + process.pid(), "task"))) {
      for (Path thread : threads.toList()) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
      return true;
    }
  }

  private static void signal(String signal, Process process) throws Exception {
    Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
