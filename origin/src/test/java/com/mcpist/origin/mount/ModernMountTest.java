package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminEndpoint;
import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.auth.Access;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.RecordingRunner;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestModule;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.origin.http.HealthSource;
import com.mcpist.origin.http.OriginServer;
import com.mcpist.origin.mcp.Audit;
import com.mcpist.origin.mcp.McpEndpoint;
import com.mcpist.origin.mcp.Methods;
import com.mcpist.origin.status.StatusEndpoint;
import com.mcpist.origin.trace.Traces;
import com.mcpist.telemetry.Metrics;
import com.mcpist.testkit.TestDatabase;
import io.vertx.core.net.SocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A mounted server of 2026-07-28 over HTTP, which asks in rounds: one of ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ModernMountTest {
  private TestDatabase database;
  private OriginServer server;
  private MountedOrigin origin;
  private MountedOrigin other;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  ModernMountTest() {}

  @BeforeAll
  void start() throws Exception {
    database = TestDatabase.create();
    server =
        OriginServer.start(
            new OriginServer.Config(
                SocketAddress.inetSocketAddress(0, "127.0.0.1"),
                "mounted",
                AcceptedSecrets.notRequired()),
            Access.development(digest -> Optional.empty()),
            new McpEndpoint(
                List.of(new TestModule()),
                new RecordingRunner(),
                new Methods.ServerInfo("test", "Test", "1", ""),
                TestStateKey.known(),
                McpEndpoint.Admission.unlimited(),
                InstantSource.system(),
                Audit.off(),
                Traces.OFF),
            AdminEndpoint.off(),
            StatusEndpoint.off(),
            null,
            new HealthSource() {
              @Override
              public HealthSource.Report check() {
                return new HealthSource.Report(true, Definitions.json("{}"));
              }

              @Override
              public boolean databaseAnswered() {
                return true;
              }
            },
            new Metrics("origin", List.of()));
    ObjectNode entry =
        Definitions.json(
            "{\"type\":\"http\",\"url\":\"http://127.0.0.1:%d/mcp\"}".formatted(server.port()));
    origin = MountedOrigin.start(database, "m", entry);
    other = MountedOrigin.start(database, "m", entry);
  }

  @AfterAll
  void stop() throws Exception {
    other.close();
    origin.close();
    server.close();
    database.close();
  }

  @Test
  void itIsSpokenToAsItIsNewest() throws Exception {
    assertThat(origin.admin("GET", "mounts").at("/mounts/0/revision").asString())
        .isEqualTo(Requests.MODERN);
    assertThat(origin.text("m_echo", "{\"a\":1}")).isEqualTo("{\"a\":1}");
    assertThat(
            origin.call("m_add", "{\"a\":1,\"b\":2}").at("/result/structuredContent/sum").asInt())
        .isEqualTo(3);
    assertThat(origin.call("m_refuse", "{}").at("/result/isError").asBoolean()).isTrue();
    assertThat(origin.call("m_add", "{\"a\":\"x\"}").at("/result").toString())
        .contains("Invalid arguments");
  }

  @Test
  void aQuestionAndItsAnswerPassByAnyOrigin() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "m_ask", "{}");
    JsonNode asked = origin.answer(origin.post("ann", Requests.MODERN, request)).path("result");
    assertThat(asked.at("/inputRequests/name/params/message").asString()).isEqualTo("Who are you?");

    JsonNode told =
        other.answer(other.post("ann", Requests.MODERN, answered(request, asked))).path("result");

    assertThat(told.at("/content/0/text").asString()).isEqualTo("Hello, Ada");
  }

  @Test
  void aPromptMayAskToo() throws Exception {
    ObjectNode request = Requests.request(Requests.MODERN, "prompts/get", "{\"name\":\"m_ask\"}");
    JsonNode asked = origin.answer(origin.post("ann", Requests.MODERN, request)).path("result");

    JsonNode told =
        origin.answer(origin.post("ann", Requests.MODERN, answered(request, asked))).path("result");

    assertThat(told.at("/messages/0/content/text").asString()).isEqualTo("Hello, Ada");
  }

  private static ObjectNode answered(ObjectNode request, JsonNode asked) {
    ObjectNode next = request.deepCopy();
    ObjectNode params = (ObjectNode) next.path("params");
    params.set("requestState", asked.path("requestState"));
    params
        .putObject("inputResponses")
        .putObject("name")
        .put("action", "accept")
        .putObject("content")
        .put("name", "Ada");
    return next;
  }

  @Test
  void aClientWithoutRoundsIsToldSo() throws Exception {
    JsonNode error =
        origin
            .answer(
                origin.post(
                    "ann",
                    MountedOrigin.LEGACY,
                    Requests.call(MountedOrigin.LEGACY, "m_ask", "{}")))
            .path("error");

    assertThat(error.path("message").asString()).contains("needs an answer from you");
  }

  @Test
  void aClientOfAnOlderRevisionIsAskedWhileItsCallWaits() throws Exception {
    ObjectNode request = Requests.call(MountedOrigin.LEGACY, "m_ask", "{}");
    String session = origin.session("{\"elicitation\":{}}");
    try (OpenStream call =
        new OpenStream(
            origin
                .post("ann", MountedOrigin.LEGACY, request)
                .header("Mcp-Session-Id", session)
                .build())) {
      other.tell(
          "ann",
          call.next(),
          "{\"result\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}");

      assertThat(MountedOrigin.text(call.next())).isEqualTo("Hello, Ada");
    }
  }

  @Test
  void aMirroredHeaderMustSayWhatTheArgumentSays() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "m_region", "{\"region\":\"eu\"}");

    JsonNode right =
        origin.answer(
            origin.post("ann", Requests.MODERN, request).header("Mcp-Param-Region", "eu"));
    JsonNode wrong =
        origin.answer(
            origin.post("ann", Requests.MODERN, request).header("Mcp-Param-Region", "us"));

    assertThat(MountedOrigin.text(right)).isEqualTo("here");
    assertThat(wrong.at("/error/code").asInt()).isEqualTo(-32020);
  }

  @Test
  void resourcesAndCompletionsPass() throws Exception {
    assertThat(
            origin
                .ask(Requests.MODERN, "resources/read", "{\"uri\":\"test://notes/5\"}")
                .at("/result/contents/0/text")
                .asString())
        .isEqualTo("5");
    assertThat(
            origin
                .ask(Requests.MODERN, "resources/read", "{\"uri\":\"test://notes/none\"}")
                .at("/error/message")
                .asString())
        .isEqualTo("There is no resource at this URI");
    assertThat(
            origin
                .ask(
                    Requests.MODERN,
                    "completion/complete",
                    """
                    {"ref":{"type":"ref/prompt","name":"m_greet"},
                     "argument":{"name":"whom","value":"a"}}\
                    """)
                .at("/result/completion/values/1")
                .asString())
        .isEqualTo("a1");
  }
}
