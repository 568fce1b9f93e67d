package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What both programs tell Prometheus after a call, and the files that are made for it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String TOKEN = "an-admin-token-of-a-test-0123456789";

  /** A server that ends at once. */
  private static final String MOUNTS = "{\"mcpServers\": {\"gone\": {\"command\": \"false\"}}}";

  private static final Pattern NAME = Pattern.compile("\\b(mcpist|jvm|process)_[a-z_]+");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_]+)[{ ]");

  private TestDatabase database;
  private Program origin;
  private Program edge;
  private int originPort;
  private int adminPort;

  @BeforeAll
  void start() throws Exception {
    database = TestDatabase.create();
    originPort = Ports.free();
    adminPort = Ports.free();
    int port = Ports.free();
    origin = Program.origin(originPort, database, Map.of("ADMIN_TOKEN", TOKEN, "MOUNTS", MOUNTS));
    origin.await("it is healthy", this::isHealthy);
    Map<String, String> environment =
        new HashMap<>(
            EdgeConfig.environment(port, Map.of("one", "http://127.0.0.1:" + originPort)));
    ObjectNode config = (ObjectNode) JSON.readTree(environment.get("EDGE_CONFIG"));
    environment.put("EDGE_CONFIG", config.put("adminPort", adminPort).toString());
    environment.put("EDGE_ADMIN_TOKEN", TOKEN);
    edge = Program.edge(environment);
    edge.await("the origin answers", () -> save(port));
  }

  private boolean isHealthy() throws IOException {
    String request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    return RawHttp.exchange(originPort, request).status() == 200;
  }

  private static boolean save(int port) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      var reply = client.call("memory_save", Map.of("title", "t", "text", "t"));
      return reply.errorCode() == 0 && reply.structured() != null;
    }
  }

  @AfterAll
  void stop() throws Exception {
    edge.close();
    origin.close();
    database.close();
  }

  /** By the token that Prometheus has. */
  private String metrics(String program, String accept) throws IOException {
    return RawHttp.exchange(
            program.equals("edge") ? adminPort : originPort,
            """
            GET /metrics HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            Accept: %s\r
            \r
            """
                .formatted(TOKEN, accept))
        .text();
  }

  @Needs(Need.PROMTOOL)
  @ParameterizedTest
  @ValueSource(strings = {"edge", "origin"})
  void promtoolFindsNothingWrong(String program, @TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("metrics"), metrics(program, "text/plain"));
    promtool(text, "check", "metrics");
  }

  @Needs(Need.PROMTOOL)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "check rules rules.yml",
        "test rules rules-test.yml",
        "check config --syntax-only prometheus.yml"
      })
  void promtoolTakesTheFiles(String command) throws IOException {
    promtool(Path.of("/dev/null"), command.split(" ", -1));
  }

  private static void promtool(Path input, String... arguments) throws IOException {
    ProcessBuilder command =
        new ProcessBuilder(
            Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toArray(String[]::new));
    command.directory(Root.PATH.resolve("observability").toFile()).redirectInput(input.toFile());
    Command.Result result = Command.run(command);
    assertThat(result.code()).as(result.all()).isZero();
    assertThat(result.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"edge", "origin"})
  void aSlowCallIsFoundByItsExemplar(String program) throws IOException {
    assertThat(metrics(program, "application/openmetrics-text"))
        .containsPattern("mcpist_request_duration_seconds_bucket.* # \\{call_id=\"[0-9a-f-]{36}\"}")
        .endsWith("# EOF\n");
  }

  @Test
  void rulesAndDashboardUseWhatIsThere() throws IOException {
    Set<String> told = told();
    JsonNode dashboard = JSON.readTree(Root.text("observability/dashboard.json"));
    assertThat(dashboard.path("schemaVersion").asInt()).isPositive();
    assertThat(dashboard.path("panels"))
        .isNotEmpty()
        .allSatisfy(
            panel -> {
              assertThat(panel.path("type").asString()).isNotEmpty();
              assertThat(panel.path("gridPos").size()).isEqualTo(4);
              assertThat(panel.path("targets"))
                  .isNotEmpty()
                  .allSatisfy(
                      target -> assertThat(names(target.path("expr").asString())).isNotEmpty());
            });
    assertThat(told).containsAll(names(dashboard.toString()));
    assertThat(told).containsAll(names(Root.text("observability/rules.yml")));
  }

  @Test
  void thePageNamesEachOfOurs() throws IOException {
    Set<String> ours =
        Pattern.compile("(?m)^# TYPE (mcpist_[a-z_]+)")
            .matcher(metrics("edge", "text/plain") + metrics("origin", "text/plain"))
            .results()
            .map(type -> type.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> told =
        Pattern.compile("(?m)^\\| `(mcpist_[a-z_]+)`")
            .matcher(Root.text("docs/operations/metrics.md"))
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(told).isEqualTo(ours);
  }

  /** Both have answered a call, and nobody has asked them for traces. */
  @Test
  void noClassOfOpenTelemetryIsLoaded() throws IOException {
    for (Program program : List.of(edge, origin)) {
      assertThat(classes(program))
          .contains("com.mcpist")
          .contains("io.prometheus")
          .doesNotContain("io.opentelemetry");
    }
  }

  private static String classes(Program program) throws IOException {
    String jcmd = Path.of(Root.java()).resolveSibling("jcmd").toString();
    Command.Result result =
        Command.run(new ProcessBuilder(jcmd, Long.toString(program.pid()), "VM.class_hierarchy"));
    assertThat(result.code()).as(result.all()).isZero();
    return result.out();
  }

  private Set<String> told() throws IOException {
    return SAMPLE
        .matcher(metrics("edge", "text/plain") + metrics("origin", "text/plain"))
        .results()
        .map(sample -> sample.group(1))
        .collect(Collectors.toSet());
  }

  private static Set<String> names(String expression) {
    return NAME.matcher(expression)
        .results()
        .map(found -> found.group())
        .collect(Collectors.toSet());
  }
}
