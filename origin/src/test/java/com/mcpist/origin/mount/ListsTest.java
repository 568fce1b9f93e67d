package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mount.client.Hello;
import com.mcpist.origin.mount.client.Intake;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.origin.mount.client.MountException;
import com.mcpist.origin.mount.client.MountedServer;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** The bounds of what is read of a mounted server. */
final class ListsTest {
  private static final int PAGE = 300_000;

  private static String method(HttpMessage request) {
    return Definitions.json(request.text()).path("method").asString("");
  }

  private static Behaviour answer(HttpMessage request) {
    String result =
        method(request).equals("server/discover")
            ? "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}}"
            : "{\"tools\":[{\"name\":\"%s\"}],\"nextCursor\":\"more\"}".formatted("x".repeat(PAGE));
    ObjectNode answer = Definitions.json("{\"jsonrpc\":\"2.0\"}");
    answer.set("id", Definitions.json(request.text()).path("id"));
    answer.set("result", Definitions.json(result));
    return Behaviour.answer(200, answer.toString());
  }

  @Test
  void pagesAreReadUntilThereIsTooMuch() throws Exception {
    try (FaultServer http = FaultServer.start().handle(ListsTest::answer)) {
      String file = "{\"mcpServers\":{\"notes\":{\"url\":\"%s/mcp\"}}}".formatted(http.url());
      MountConfig.Entry entry = MountConfig.parse(file).entries().getFirst();
      Budget budget = Budget.ofHeap(0);
      try (MountedServer server =
          MountedServer.of(entry, entry.resolve(Map.of(), "ada"), new Intake(budget), list -> {})) {
        Hello hello = server.hello(Conditions.LIMIT);

        assertThatThrownBy(() -> Lists.read(server, hello, false))
            .isInstanceOf(MountException.class)
            .hasMessage("its lists take more than 1 MiB");

        assertThat(http.requests().stream().filter(r -> method(r).equals("tools/list")))
            .hasSize((1 << 20) / PAGE + 1);
        Conditions.await("nothing is held", () -> budget.held() == 0);
      }
    }
  }
}
