package com.mcpist.origin.mcp;

import static com.mcpist.origin.fixture.Requests.MODERN;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.fixture.Logged;
import com.mcpist.origin.fixture.RecordingRunner;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestModule;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.trace.Traces;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AuditTest {
  private static final String CALL_ID = "01997b6e-7a1c-7c3e-9a33-5b1c0a6d1f00";
  private static final Instant NOW = Instant.parse("2026-11-28T09:00:00Z");
  private static final Admission NOBODY =
      (user, attempt, calls) -> {
        throw new RefusedException(429, "rate_limited", "No.", Map.of());
      };

  @TempDir private Path folder;

  // JUnit sets the folder.
  @SuppressWarnings("NullAway.Init")
  AuditTest() {}

  @Test
  void aLineTellsTheOutcomeAtEachLevelAndNothingThatWasSaid() throws Exception {
    Path file = folder.resolve("audit");
    McpEndpoint mcp = endpoint(new Audit(file, "one"), Admission.unlimited());
    for (String tool :
        List.of("echo", "refuse", "ask", "any-name", "break", "away", "x".repeat(200))) {
      post(mcp, call(tool));
    }
    post(mcp, Requests.request(MODERN, "tools/list", "{}"));
    post(endpoint(new Audit(file, "one"), NOBODY), call("echo"));

    assertThat(lines(file))
        .extracting(AuditTest::outcome)
        .containsExactly(
            "echo answered ok - ok",
            "refuse answered ok - error",
            "ask answered ok - asks",
            "any-name answered error -32602 -",
            "break answered error -32603 -",
            "away failed - - -",
            "x".repeat(128) + " answered error -32602 -",
            "echo refused - - -");
    JsonNode first = lines(file).getFirst();
    assertThat(Instant.parse(first.path("at").asString())).isBeforeOrEqualTo(NOW);
    assertThat(first.path("millis").asLong()).isNotNegative();
    assertThat(((ObjectNode) first).remove(List.of("at", "millis")).toString())
        .isEqualTo(
            "{\"instance\":\"one\",\"user\":\"ann\",\"tool\":\"echo\",\"callId\":\""
                + CALL_ID
                + "\",\"attempt\":2,\"transport\":\"answered\",\"protocol\":\"ok\","
                + "\"result\":\"ok\"}");
    assertThat(file).content().doesNotContain("in confidence");
  }

  @Test
  void aFileThatWasMovedAwayIsBegunAnew() throws Exception {
    Path file = folder.resolve("audit");
    McpEndpoint mcp = endpoint(new Audit(file, "one"), Admission.unlimited());
    post(mcp, call("echo"));
    Path moved = Files.move(file, folder.resolve("audit.1"));
    post(mcp, call("echo"));

    assertThat(lines(moved)).hasSize(1);
    assertThat(lines(file)).hasSize(1);
  }

  @Test
  void aFullDiskFailsNoCallAndIsToldOnce() throws Exception {
    Path file = Files.createSymbolicLink(folder.resolve("audit"), Path.of("/dev/full"));
    Audit audit = new Audit(file, "one");
    McpEndpoint mcp = endpoint(audit, Admission.unlimited());
    try (Logged logged = Logged.by(Audit.class)) {
      assertThat(post(mcp, call("echo")).status).isEqualTo(200);
      assertThat(post(mcp, call("echo")).status).isEqualTo(200);
      assertThat(logged.count("cannot be written")).isOne();
      assertThat(((CounterSnapshot) audit.collector().collect()).getDataPoints())
          .singleElement()
          .satisfies(point -> assertThat(point.getValue()).isEqualTo(2));

      Files.delete(file);
      post(mcp, call("echo"));
      assertThat(logged.count("is written again, 2 lines were lost")).isOne();
    }
    assertThat(Files.readAllLines(file)).hasSize(2).first().asString().isEmpty();
  }

  private static McpEndpoint endpoint(Audit audit, Admission admission) {
    return new McpEndpoint(
        List.of(new TestModule()),
        new RecordingRunner(),
        new Methods.ServerInfo("test", "Test", "1", ""),
        TestStateKey.known(),
        admission,
        InstantSource.fixed(NOW),
        audit,
        Traces.OFF);
  }

  private static ObjectNode call(String tool) {
    return Requests.call(MODERN, tool, "{\"said\": \"in confidence\"}");
  }

  private static RecordedExchange post(McpEndpoint mcp, ObjectNode request) {
    Map<String, String> headers = Requests.headers(MODERN, request);
    headers.put("X-Call-Id", CALL_ID);
    headers.put("X-Attempt", "2");
    RecordedExchange exchange = new RecordedExchange(headers::get);
    mcp.post(() -> Json.bytes(request), "ann", exchange);
    return exchange;
  }

  private static List<JsonNode> lines(Path file) throws Exception {
    return Files.readAllLines(file).stream().map(JsonMapper.shared()::readTree).toList();
  }

  private static String outcome(JsonNode line) {
    return Stream.of("tool", "transport", "protocol", "code", "result")
        .map(field -> line.path(field).asString("-"))
        .collect(Collectors.joining(" "));
  }
}
