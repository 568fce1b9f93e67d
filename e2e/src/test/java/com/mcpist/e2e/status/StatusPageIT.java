package com.mcpist.e2e.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The status page in a real browser, while the primary is killed, and the standby deployed to. */
@Tag("long")
@Needs(Need.BROWSER)
class StatusPageIT {
  private static final Path PICTURES = Root.PATH.resolve("e2e/target/pictures").toAbsolutePath();
  private static final String KEY = "the-key-of-a-call-that-a-person-asks-for";
  private static final String RELEASE = "the-release-after";

  @Test
  void showsTheSwitchAndExcludesNobody() throws Exception {
    Files.createDirectories(PICTURES);
    try (Pair pair = Pair.up()) {
      save(pair);
      Command.Result drill = pair.run("drill", "--fault", "kill", "--calls", "50");
      assertThat(drill.code()).as(drill.all()).isZero();
      pair.awaitSettled();
      String url = "http://localhost:%d/".formatted(pair.port());
      ProcessBuilder builder =
          Clients.script(
              pair.home(), "status.mjs", url, PICTURES.toString(), Pair.STANDBY, KEY, RELEASE);
      Process script = builder.redirectErrorStream(true).start();
      try (BufferedReader printed = script.inputReader()) {
        for (String look : new String[] {"light", "dark", "phone", "zoomed"}) {
          JsonNode seen = next(printed, look);
          assertThat(seen.path("serious")).as(look).isEmpty();
          assertThat(seen.path("wider").asInt(-1)).as(look).isZero();
          assertThat(seen.path("language").asString())
              .isEqualTo(look.equals("phone") ? "ja" : "en");
        }
        assertThat(next(printed, "still").path("text").asString())
            .contains(Pair.PRIMARY, Pair.STANDBY, "Last drill");
        assertThat(next(printed, "asked").path("text").asString())
            .contains(KEY, "memory_save", "It has run, once.");
        next(printed, "again");

        assertThat(next(printed, "watching").path("headline").asString()).contains(Pair.PRIMARY);
        Processes.kill(pair.status().origin(Pair.PRIMARY).runningPid());
        long killed = System.currentTimeMillis();
        save(pair);
        JsonNode switched = next(printed, "switched");
        assertThat(switched.path("headline").asString()).contains(Pair.STANDBY);
        System.out.printf(
            "The page showed the switch after %d ms%n", switched.path("at").asLong() - killed);
        JsonNode back = next(printed, "back");
        assertThat(back.path("headline").asString()).contains(Pair.PRIMARY);
        assertThat(back.path("text").asString()).contains("Failovers", Pair.STANDBY);
        Command.Result deployed =
            pair.run("deploy", "--origin", Pair.STANDBY, "--release", RELEASE);
        assertThat(deployed.code()).as(deployed.all()).isZero();
        assertThat(next(printed, "deployed").path("row").asString()).contains("deployment");
        JsonNode end = next(printed, "end");
        assertThat(end.path("strangers")).isEmpty();
        assertThat(end.path("complaints")).isEmpty();
        assertThat(script.waitFor()).isZero();
      } finally {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
      }
    }
  }

  private static void save(Pair pair) throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      client
          .call("memory_save", Map.of("title", "t", "text", "t"), "Idempotency-Key: " + KEY)
          .structured();
    }
  }

  private static JsonNode next(BufferedReader printed, String step) throws IOException {
    String line = String.valueOf(printed.readLine());
    assertThat(line).as("the step " + step).startsWith("{");
    JsonNode told = JsonMapper.shared().readTree(line);
    assertThat(told.path("step").asString()).isEqualTo(step);
    return told;
  }
}
