package com.mcpist.edge.trace;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.edge.fixture.TestEdge.CALL;
import static com.mcpist.testkit.Behaviour.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.telemetry.TraceSettings;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.TraceReceiver;
import com.mcpist.testkit.TraceReceiver.Told;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Tests calls of an edge whose traces a collector takes. */
class TracesTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String OF_CLIENT = "00-" + TRACE + "-" + PARENT + "-01";

  /** The entries of the logger Traces. */
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  private final TraceReceiver collector = new TraceReceiver();
  private final TestEdge edge = TestEdge.traced(TraceSettings.of(collector.variables()));

  @AfterEach
  void stop() throws IOException {
    logger().detachAppender(log);
    logger().setLevel(null);
    edge.close();
    collector.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger("Traces");
  }

  private static String callIn(String traceparent) {
    return CALL.replace(
        "\"name\":\"save\"",
        "\"name\":\"save\",\"arguments\":{\"a\":\"in confidence\"},\"_meta\":{\"traceparent\":\"%s\",\"tracestate\":\"x=1\"}"
            .formatted(traceparent));
  }

  private static HttpMessage only(List<HttpMessage> requests) {
    assertThat(requests).hasSize(1);
    return requests.getFirst();
  }

  @Test
  void aReplayedCallIsOnePartOfItsClientsTraceWithBothAttempts() throws IOException {
    edge.first.next(Behaviour.closeBefore());
    edge.second.always(answer(200, ANSWER));
    String body = callIn(OF_CLIENT);
    HttpMessage response =
        edge.post("MCP-Protocol-Version: 2026-07-28\nTracestate: of=another", body);
    assertThat(response.text()).isEqualTo(ANSWER);

    Told call = collector.await(span -> span.kind().equals("SERVER"));
    HttpMessage one = only(edge.first.requests());
    HttpMessage two = only(edge.second.requests());
    Told first = collector.await(span -> span.name().equals("attempt origin-1"));
    Told second = collector.await(span -> span.name().equals("attempt origin-2"));
    assertThat(call.trace()).isEqualTo(TRACE);
    assertThat(call.parent()).isEqualTo(PARENT);
    assertThat(call.name()).isEqualTo("tools/call save");
    assertThat(call.failed()).isFalse();
    assertThat(call.attributes())
        .containsOnly(
            entry("mcpist.call_id", one.header("X-Call-Id").orElseThrow()),
            entry("mcpist.attempts", "2"),
            entry("mcp.method.name", "tools/call"),
            entry("mcp.protocol.version", "2026-07-28"),
            entry("gen_ai.operation.name", "execute_tool"),
            entry("gen_ai.tool.name", "save"),
            entry("jsonrpc.request.id", "7"));
    assertThat(call.process()).containsEntry("service.name", "mcpist-edge");
    assertThat(List.of(first, second))
        .allMatch(span -> span.trace().equals(TRACE) && span.parent().equals(call.id()))
        .allMatch(span -> span.begin() >= call.begin() && span.end() <= call.end());
    assertThat(first.failed()).isTrue();
    assertThat(first.attributes())
        .containsOnly(
            entry("mcpist.origin", "origin-1"),
            entry("mcpist.attempt", "1"),
            entry("server.address", "127.0.0.1"),
            entry("error.type", "reset"));
    assertThat(second.failed()).isFalse();
    assertThat(second.attributes())
        .containsEntry("mcpist.attempt", "2")
        .containsEntry("http.response.status_code", "200");

    assertThat(one.headers("traceparent")).containsExactly(header(first));
    assertThat(two.headers("traceparent")).containsExactly(header(second));
    assertThat(two.headers("tracestate")).containsExactly("x=1");
    assertThat(two.text()).isEqualTo(one.text()).isEqualTo(body);
  }

  private static String header(Told span) {
    return "00-" + span.trace() + "-" + span.id() + "-01";
  }

  @Test
  void aHeaderTellsTheTraceWhereTheMessageDoesNot() throws IOException {
    edge.first.always(answer(200, ANSWER));
    edge.call("traceparent: " + OF_CLIENT);

    assertThat(collector.await(span -> span.kind().equals("SERVER")).parent()).isEqualTo(PARENT);
  }

  @Test
  void aTraceThatNobodyHasBegunIsNamedByItsCall() throws IOException {
    edge.first.always(answer(200, ANSWER));
    edge.call("traceparent: none");

    Told call = collector.await(span -> span.kind().equals("SERVER"));
    String id = call.attributes().getOrDefault("mcpist.call_id", "").replace("-", "");
    assertThat(call.parent()).isEmpty();
    assertThat(call.trace().substring(0, 16)).isEqualTo(id.substring(0, 16));
    assertThat(call.trace().substring(17)).isEqualTo(id.substring(17));
  }

  @Test
  void aTraceThatItsClientDoesNotKeepIsPassedOnAndNotTold() throws IOException {
    edge.first.always(answer(200, ANSWER));
    edge.post("", callIn(OF_CLIENT.replace("-01", "-00")));
    edge.call();

    assertThat(edge.first.requests().getFirst().header("traceparent").orElseThrow())
        .startsWith("00-" + TRACE)
        .endsWith("-00");
    collector.await(span -> span.kind().equals("SERVER"));
    assertThat(collector.spans()).noneMatch(span -> span.trace().equals(TRACE));
  }

  @Test
  void aCallWithoutAnAnswerHasFailed() throws IOException {
    edge.first.always(Behaviour.closeBefore());
    edge.second.always(Behaviour.closeBefore());
    edge.call();

    Told call = collector.await(span -> span.kind().equals("SERVER"));
    assertThat(call.failed()).isTrue();
    assertThat(call.attributes()).containsEntry("error.type", "given_up");
  }

  @Test
  void nothingIsToldOfWhatWasSaid() throws IOException {
    edge.first.always(answer(200, ANSWER.replace("[]", "[\"in confidence\"]")));
    edge.post("Authorization: Bearer in-confidence", callIn(OF_CLIENT));

    collector.await(span -> span.kind().equals("SERVER"));
    assertThat(collector.server().requests())
        .noneMatch(request -> request.text().matches("(?s).*in.confidence.*"));
  }

  @Test
  void aCollectorThatIsAwayFailsNoCallAndIsToldOnce() throws IOException {
    log.start();
    logger().addAppender(log);
    logger().setLevel(Level.INFO);
    edge.first.always(answer(200, ANSWER));
    collector.server().always(Behaviour.status(401));
    int told = 0;
    while (told < 2) {
      assertThat(edge.call().text()).isEqualTo(ANSWER);
      int before = told;
      Conditions.await("it is told", () -> collector.server().requests().size() > before);
      told = collector.server().requests().size();
    }
    collector.server().always(Behaviour.status(200));
    edge.call();
    Conditions.await("it is taken", () -> lines().contains("INFO Traces are taken again"));

    assertThat(lines())
        .containsExactly(
            "WARN Traces are lost, and calls go on: the collector answers with status 401",
            "INFO Traces are taken again");
  }

  private List<String> lines() {
    return List.copyOf(log.list).stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_TRACES_SAMPLER, in-confidence, OTEL_TRACES_SAMPLER",
    "OTEL_BSP_MAX_QUEUE_SIZE, in-confidence, OTEL_BSP_MAX_QUEUE_SIZE",
    "OTEL_EXPORTER_OTLP_HEADERS, in-confidence, OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_ENDPOINT, in-confidence:4318, OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL, grpc, must be http/protobuf"
  })
  void aMalformedVariableIsNamedWithoutItsValue(String name, String value, String told) {
    Map<String, String> variables = new HashMap<>(collector.variables());
    variables.put(name, value);
    Vertx vertx = Vertx.vertx();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> OpenTelemetryTraces.start(vertx, TraceSettings.of(variables)))
        .withMessageContaining(told)
        .withMessageNotContaining("in-confidence")
        .withNoCause();
    TestEdge.await(vertx.close());
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_EXPORTER_OTLP_ENDPOINT, ''",
    "OTEL_SDK_DISABLED, true",
    "OTEL_TRACES_EXPORTER, none"
  })
  void theyCanBeSwitchedOff(String name, String value) {
    Map<String, String> variables = new HashMap<>(collector.variables());
    variables.put(name, value);

    assertThat(TraceSettings.of(variables).on()).isFalse();
    assertThat(TraceSettings.of(collector.variables()).on()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://otlp.example.com",
        "HTTP://otlp.example.com:4318/",
        "http://localhost.example.com",
        "http://127.0.0.1@otlp.example.com",
        "http://10.0.0.1:4318"
      })
  void headersAreNotSentInClearText(String address) {
    Map<String, String> variables =
        Map.of(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            address,
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=in-confidence");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TraceSettings.of(variables))
        .withMessageStartingWith("OTEL_EXPORTER_OTLP_ENDPOINT must begin with https://")
        .withMessageNotContaining("in-confidence");
    assertThat(TraceSettings.of(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", address)).on()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://otlp.example.com", "http://localhost:4318", "http://[::1]:4318/x"})
  void headersAreSentByTlsOrToThisMachine(String address) {
    Map<String, String> variables =
        Map.of(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", address,
            "OTEL_EXPORTER_OTLP_ENDPOINT", "http://otlp.example.com",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "authorization=in-confidence");

    assertThat(TraceSettings.of(variables).on()).isTrue();
  }

  @Test
  void settingsPrintNoValue() {
    assertThat(TraceSettings.of(collector.variables())).asString().doesNotContain("http://");
  }
}
