package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.TestDatabase;
import com.mcpist.testkit.TraceReceiver;
import com.mcpist.testkit.TraceReceiver.Told;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Attempts at an origin whose traces a collector takes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TracesTest {
  private static final String PARENT = "b7ad6b7169203331";
  private static final String SAVE = "{\"title\":\"in confidence\",\"text\":\"in confidence\"}";
  private static final String RULES = "{\"tools\":{\"keyed\":{\"key\":{\"meta\":\"request_id\"}}}}";

  private final TraceReceiver collector = new TraceReceiver();
  private TestDatabase database;
  private MountedOrigin origin;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  TracesTest() {}

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    database = TestDatabase.create();
    origin =
        MountedOrigin.start(
            database,
            MountedOrigin.file("small", MountedOrigin.entry(folder, RULES)),
            collector.variables());
  }

  @AfterAll
  void stop() throws Exception {
    origin.close();
    collector.close();
    database.close();
  }

  /** Another one each time. */
  private static String trace() {
    byte[] id = new byte[16];
    ThreadLocalRandom.current().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private static String traceparent(String trace) {
    return "00-" + trace + "-" + PARENT + "-01";
  }

  private HttpRequest.Builder call(String tool, String arguments) {
    return origin.post("ann", Requests.MODERN, Requests.call(Requests.MODERN, tool, arguments));
  }

  private Told await(String trace, String name) {
    return collector.await(span -> span.trace().equals(trace) && span.name().equals(name));
  }

  @Test
  void anAttemptHasItsToolAndItsStatements() throws Exception {
    String trace = trace();
    String id = UUID.randomUUID().toString();
    origin.send(
        call("memory_save", SAVE)
            .header("traceparent", traceparent(trace))
            .header("X-Call-Id", id)
            .header("X-Attempt", "2"));

    Told attempt = await(trace, "tools/call memory_save");
    Told tool = await(trace, "execute_tool memory_save");
    Told enter = await(trace, "select ledger_enter");
    Told insert = await(trace, "insert memory");
    Told finish = await(trace, "select ledger_finish");
    assertThat(attempt.parent()).isEqualTo(PARENT);
    assertThat(attempt.kind()).isEqualTo("SERVER");
    assertThat(attempt.failed()).isFalse();
    assertThat(attempt.attributes())
        .containsOnly(
            entry("mcpist.call_id", id),
            entry("mcpist.attempt", "2"),
            entry("mcp.method.name", "tools/call"),
            entry("mcp.protocol.version", Requests.MODERN),
            entry("gen_ai.operation.name", "execute_tool"),
            entry("gen_ai.tool.name", "memory_save"),
            entry("jsonrpc.request.id", "7"));
    assertThat(attempt.process())
        .containsEntry("service.name", "mcpist-origin")
        .containsEntry("deployment.environment.name", "production-primary")
        .containsKey("service.instance.id");
    assertThat(tool.parent()).isEqualTo(attempt.id());
    assertThat(insert.parent()).isEqualTo(tool.id());
    assertThat(List.of(enter, finish)).allMatch(each -> each.parent().equals(attempt.id()));
    assertThat(insert.attributes())
        .containsOnly(
            entry("db.system.name", "postgresql"), entry("db.query.summary", "insert memory"));
    assertThat(List.of(tool, enter, insert, finish)).allMatch(each -> each.begin() < each.end());
    assertThat(collector.server().requests())
        .noneMatch(request -> request.text().contains("in confidence"));
  }

  @Test
  void aMessageTellsTheTraceWhereTheHeaderDoesNot() throws Exception {
    String trace = trace();
    ObjectNode request = Requests.call(Requests.MODERN, "memory_list", "{}");
    ((ObjectNode) request.at("/params/_meta")).put("traceparent", traceparent(trace));
    origin.send(origin.post("ann", Requests.MODERN, request));

    assertThat(await(trace, "tools/call memory_list").parent()).isEqualTo(PARENT);
  }

  /** As of an edge that tells nobody. */
  @Test
  void attemptsAtACallAreInOneTraceThatItsIdNames() throws Exception {
    UUID id = UUID.randomUUID();
    for (String attempt : List.of("1", "2")) {
      origin.send(
          call("memory_list", "{}")
              .header("X-Call-Id", id.toString())
              .header("X-Attempt", attempt));
    }
    Told second = collector.await(span -> isOf(span, id, "2"));
    Told first = collector.await(span -> isOf(span, id, "1"));

    assertThat(first.trace()).isEqualTo(second.trace()).startsWith(id.toString().substring(0, 8));
  }

  private static boolean isOf(Told span, UUID call, String attempt) {
    return span.attributes()
        .entrySet()
        .containsAll(
            Map.of("mcpist.call_id", call.toString(), "mcpist.attempt", attempt).entrySet());
  }

  @Test
  void whatFailsSaysHow() throws Exception {
    for (String tool : List.of("no_such_tool", "memory_get", "small_fail")) {
      String trace = trace();
      origin.send(call(tool, "{}").header("traceparent", traceparent(trace)));

      Told attempt = await(trace, "tools/call " + tool);
      assertThat(attempt.failed()).as(tool).isTrue();
      assertThat(attempt.attributes())
          .as(tool)
          .containsEntry(
              "error.type",
              switch (tool) {
                case "no_such_tool" -> "-32602";
                case "memory_get" -> "tool_error"; // It has no id.
                default -> "-32050";
              });
    }
  }

  @Test
  void aMountedServerGoesOnWithTheTrace() throws Exception {
    String trace = trace();
    String params =
        MountedOrigin.text(
            origin.answer(call("small_keyed", "{}").header("traceparent", traceparent(trace))));

    Told asked = await(trace, "tools/call keyed");
    Told tool = await(trace, "execute_tool small_keyed");
    assertThat(asked.parent()).isEqualTo(tool.id());
    assertThat(asked.kind()).isEqualTo("CLIENT");
    assertThat(asked.attributes())
        .containsEntry("mcpist.mount", "small")
        .containsEntry("gen_ai.tool.name", "keyed");
    assertThat(params)
        .contains("\"request_id\"")
        .contains("\"traceparent\":\"00-" + trace + "-" + asked.id() + "-01\"");
  }

  @Test
  void whatAMountedServerRefusesSaysHow() throws Exception {
    String trace = trace();
    origin.send(call("small_fail", "{}").header("traceparent", traceparent(trace)));

    assertThat(await(trace, "tools/call fail").attributes()).containsEntry("error.type", "-32050");
  }

  @Test
  void aSlowCallIsFoundByItsExemplar() throws Exception {
    String trace = trace();
    origin.send(call("memory_list", "{}").header("traceparent", traceparent(trace)));

    // An exemplar stays for a while: it may be an earlier call's.
    assertThat(
            origin
                .send(origin.to("/metrics").header("Accept", "application/openmetrics-text").GET())
                .body())
        .containsPattern(
            "mcpist_request_duration_seconds_bucket.* #"
                + " \\{call_id=\"[0-9a-f-]{36}\",trace_id=\"[0-9a-f]{32}\"}");
  }
}
