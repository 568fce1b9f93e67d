package com.mcpist.e2e.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The official test server, mounted: it gives a client what it gives directly, tool by tool. */
class EverythingIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Test
  void aMountedServerGivesWhatItGivesDirectly(@TempDir Path home) throws Exception {
    List<String> command = Clients.command(home, "mcp-server-everything", List.of()).command();
    int port = Ports.free();
    try (TestDatabase database = TestDatabase.create();
        Program origin =
            Program.origin(
                Map.of(
                    "ENVIRONMENT", "development",
                    "PORT", Integer.toString(port),
                    "DATABASE_URL", database.url(),
                    "MOUNTS", mounts(command)))) {
      origin.await(
          "it knows what it mounts",
          () ->
              RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
                  == 200);

      var result =
          Command.run(
              Clients.script(
                  home,
                  "everything.mjs",
                  Stream.concat(
                          Stream.of("http://127.0.0.1:" + port + "/mcp", "everything"),
                          command.stream())
                      .toArray(String[]::new)));

      assertThat(result.code()).as(result.all() + origin.log()).isZero();
      JsonNode told = JSON.readTree(result.out());
      assertThat(told.path("different")).as("what was different").isEmpty();
      assertThat(told.path("called").valueStream().map(JsonNode::asString))
          .contains("echo", "get-tiny-image", "get-roots-list", "trigger-url-elicitation")
          .hasSizeGreaterThan(14);
    }
  }

  private static String mounts(List<String> command) {
    ObjectNode file = JSON.createObjectNode();
    ObjectNode entry = file.putObject("mcpServers").putObject("everything");
    entry.put("command", command.getFirst());
    command.stream().skip(1).forEach(entry.putArray("args")::add);
    return file.toString();
  }
}
