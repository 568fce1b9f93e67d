package com.mcpist.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * The official conformance suite through each edge, with the same result. An origin with the
 * suite's own fixtures and a mounted server is behind it, so that what is tested is the protocol as
 * clients see it. The suite's own list of expected failures is not used: docs/adr/0021 says why.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(EdgeKind.class)
class ConformanceIT {

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Pattern RUN = Pattern.compile("(?m)^[✓✗] (\\S+): ");
  private static final Pattern FAILING = Pattern.compile("(?m)^✗ (\\S+): ");
  private static final Pattern NOT_SCORED = Pattern.compile("(?m)^  [✓✗] (\\S+) \\(");
  private static final Pattern EXPECTED = Pattern.compile("(?m)^  - (\\S+)");

  private static TestDatabase database;
  private static Program origin;
  private static EdgeKind.Running edge;

  ConformanceIT(EdgeKind kind) {
    assertThat(edge).as("runs, with " + kind).isNotNull();
  }

  @BeforeParameterizedClassInvocation
  static void start(EdgeKind kind) throws Exception {
    int originPort = Ports.free();
    database = TestDatabase.create();
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
                Integer.toString(originPort),
                "DATABASE_URL",
                database.url(),
                "MOUNTS",
                EchoServer.mounts()));
    origin.await("the origin is healthy", () -> health(originPort) == 200);
    var config = JsonMapper.shared().createObjectNode().put("auth", "none").put("limits", "none");
    config.putArray("allowedHosts").add("localhost").add("127.0.0.1").add("[::1]");
    String url = "http://127.0.0.1:" + originPort;
    config.putArray("origins").addObject().put("name", "conformance").put("url", url);
    edge = kind.start(config);
    Conditions.await("the edge serves", () -> health(edge.port()) == 200);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    edge.close();
    origin.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2025-11-25", "2026-07-28"})
  void everyScoredScenarioPassesButThoseThatNeedASession(String revision, @TempDir Path home)
      throws IOException {
    List<String> arguments =
        List.of(
            "server",
            "--url",
            "http://localhost:" + edge.port() + "/mcp",
            "--requirements",
            revision,
            "-o",
            home.toString());
    Command.Result result = Command.run(Clients.command(home, "conformance", arguments), LIMIT);

    assertThat(names(RUN, result.out())).as(result.all()).hasSizeGreaterThan(25);
    Set<String> failing = names(FAILING, result.out());
    failing.removeAll(names(NOT_SCORED, result.out()));
    assertThat(failing).as(result.all()).isEqualTo(expectedFailures(revision));
  }

  private static Set<String> names(Pattern row, String output) {
    return row.matcher(output)
        .results()
        .map(r -> r.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // A revision without a file has none.
  private static Set<String> expectedFailures(String revision) throws IOException {
    Path file = Root.PATH.resolve("e2e/conformance/expected-failures-" + revision + ".yml");
    return Files.exists(file) ? names(EXPECTED, Files.readString(file)) : Set.of();
  }

  private static int health(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status();
  }
}
