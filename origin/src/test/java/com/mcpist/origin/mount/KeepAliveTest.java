package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.OriginProcess;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.TestDatabase;
import com.mcpist.testkit.TraceReceiver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Connections to a mounted server over HTTP, in a process that has used HTTP before. */
final class KeepAliveTest {
  /** The JDK's own is 30 s after the connection's last use. */
  private static final Duration BEFORE_THE_JDK = Duration.ofSeconds(20);

  @Test
  void anIdleConnectionIsClosedAlsoWhereThereAreTraces(@TempDir Path folder) throws Exception {
    try (FaultServer server = FaultServer.start().handle(KeepAliveTest::answer);
        TraceReceiver collector = new TraceReceiver();
        TestDatabase database = TestDatabase.create()) {
      var entry =
          JsonMapper.shared()
              .createObjectNode()
              .put("type", "http")
              .put("url", server.url() + "/mcp");
      Map<String, String> variables = new HashMap<>(collector.variables());
      variables.put("MOUNTS", MountedOrigin.file("web", entry));
      try (OriginProcess _ = OriginProcess.start(database, folder, variables)) {
        assertThat(server.requests()).isNotEmpty();
        Conditions.await(
            "its connections are closed", BEFORE_THE_JDK, () -> server.openConnections() == 0);
      }
    }
  }

  private static Behaviour answer(HttpMessage request) {
    JsonNode message = Definitions.json(request.text());
    return Behaviour.answer(
        200,
        ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":"
                + "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}}}")
            .formatted(message.path("id")));
  }
}
