package com.mcpist.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.tool.CountingMounts;
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.Tally;
import com.mcpist.drill.tool.Tool;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.WorkerProcess;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Worker in front of two real origins and their PostgreSQL, while these are killed and hang:
 * the schedules of the bench, shorter. Of time it asks only that no call waits for a hung origin.
 */
@Tag("alone")
@Tag("long")
class WorkerSchedulesIT {
  private static final int CLIENTS = 16;
  private static final String TOKEN = "the-admin-token-of-a-test-0123456789abcdef";
  private static final Duration SETTLED = Duration.ofMinutes(2);
  private static final Duration HUNG = Duration.ofSeconds(12);
  private static final Schedule KILL =
      new Schedule.Kill(Duration.ofSeconds(7), Duration.ofSeconds(2));
  private static final Schedule HANG = new Schedule.Hang(Duration.ofSeconds(15), HUNG);

  @TempDir private Path folder;

  @Test
  void noSaveFailsIsLostOrRunsTwice() throws Exception {
    noneFailsIsLostOrRunsTwice(Saves::new, Map.of());
  }

  @Test
  void noCallOfAMountedToolFailsIsLostOrRunsTwice() throws Exception {
    Settings settings = new Settings(Duration.ofSeconds(2), Duration.ofMillis(50), 16 * 1024);
    try (CountingMounts mounts = CountingMounts.start(folder, settings)) {
      noneFailsIsLostOrRunsTwice(
          name -> new MountedCalls(name, Tool.ONCE, mounts), Map.of("MOUNTS", mounts.json()));
    }
  }

  private static void noneFailsIsLostOrRunsTwice(
      Function<String, CountedCalls> callers, Map<String, String> variables) throws Exception {
    int primary = Ports.free();
    int standby = Ports.free();
    try (WorkerProcess worker = WorkerProcess.start(bindings(primary, standby));
        OriginPair pair =
            new OriginPair(
                worker.port(), primary, standby, worker.port(), EdgeConfig.SECRET, variables)) {
      pair.start();
      CountedCalls killed = callers.apply("killed");
      CountedCalls hung = callers.apply("hung");
      for (Schedule schedule : List.of(KILL, HANG)) {
        awaitWell(worker);
        CountedCalls calls = schedule.equals(KILL) ? killed : hung;
        Load load =
            Load.start(
                worker.port(),
                CLIENTS,
                (connection, client, number) ->
                    calls.call(connection.patience(SETTLED), client, number));
        schedule.run(load, pair);
        Load.Report report = load.stop();
        assertThat(report.failures()).as(report.summary() + worker.log()).isEmpty();
        if (schedule.equals(HANG)) {
          assertThat(report.longest()).as(report.summary()).isLessThan(HUNG);
        }
        assertThat(report.byOrigin()).as(report.summary()).containsKeys("primary", "standby");
      }
      awaitWell(worker);
      DataSource database = pair.settle();
      assertThat(killed.tally(database)).isEqualTo(new Tally(0, 0, 0));
      assertThat(hung.tally(database)).isEqualTo(new Tally(0, 0, 0));
    }
  }

  private static Map<String, String> bindings(int primary, int standby) {
    var config = JsonMapper.shared().createObjectNode().put("auth", "none").put("limits", "none");
    var origins = config.putArray("origins");
    origins.addObject().put("name", "primary").put("url", "http://127.0.0.1:" + primary);
    origins.addObject().put("name", "standby").put("url", "http://127.0.0.1:" + standby);
    config.putObject("monitor").put("intervalSeconds", 1).put("timeoutSeconds", 1);
    // It is to have its calls back soon, and on a busy machine both may be away for long.
    config
        .putObject("edge")
        .put("holdDownSeconds", 0.5)
        .put("holdDownMaxSeconds", 0.5)
        .put("waitSeconds", 60);
    return Map.of(
        "EDGE_CONFIG",
        config.toString(),
        "GATEWAY_SECRET",
        EdgeConfig.SECRET,
        "ADMIN_TOKEN",
        TOKEN);
  }

  private static void awaitWell(WorkerProcess worker) {
    Conditions.await(
        "both origins are healthy and the primary serves",
        SETTLED,
        () -> {
          JsonNode origins = status(worker).path("origins");
          return origins.path(0).path("active").asBoolean(false)
              && StreamSupport.stream(origins.spliterator(), false)
                  .allMatch(origin -> origin.path("state").asString("").equals("healthy"));
        });
  }

  private static JsonNode status(WorkerProcess worker) throws IOException {
    String request =
        "GET /api/edge/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(TOKEN);
    return JsonMapper.shared().readTree(RawHttp.exchange(worker.port(), request).body());
  }
}
