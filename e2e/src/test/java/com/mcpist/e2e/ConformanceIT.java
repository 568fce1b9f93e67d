package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.conformance.ConformanceOrigin;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The official conformance suite through the edge. An origin with the suite's own fixtures is
 * behind it, so that what is tested is the protocol as clients see it.
 */
class ConformanceIT {

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Path EXPECTED = Root.PATH.resolve("e2e/conformance");

  private int port;
  private Program origin;
  private Program edge;

  @BeforeEach
  void start() throws IOException {
    int originPort = Ports.free();
    port = Ports.free();
    origin =
        Program.ofTests(
            ConformanceOrigin.class,
            Map.of(
                "ENVIRONMENT",
                "production-primary",
                "GATEWAY_SECRET",
                EdgeConfig.SECRET,
                "HOST",
                "127.0.0.1",
                "PORT",
                Integer.toString(originPort)));
    origin.await("the origin is healthy", () -> health(originPort) == 200);
    edge =
        Program.edge(
            EdgeConfig.environment(port, Map.of("conformance", "http://127.0.0.1:" + originPort)));
    edge.await("the edge serves", () -> health(port) == 200);
  }

  @AfterEach
  void stop() throws IOException {
    edge.close();
    origin.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2025-11-25", "2026-07-28"})
  void everyScoredScenarioPassesButThoseThatNeedASession(String revision, @TempDir Path home)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "server",
                "--url",
                "http://localhost:" + port + "/mcp",
                "--requirements",
                revision,
                "-o",
                home.toString()));
    Path expected = EXPECTED.resolve("expected-failures-" + revision + ".yml");
    if (Files.exists(expected)) {
      arguments.addAll(List.of("--expected-failures", expected.toString()));
    }
    Command.Result result = Command.run(Clients.command(home, "conformance", arguments), LIMIT);

    assertThat(result.code()).as(result.all()).isZero();
    assertThat(result.out()).as("it has run").containsPattern("(?i)[1-9]\\d* passed");
  }

  private static int health(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status();
  }
}
