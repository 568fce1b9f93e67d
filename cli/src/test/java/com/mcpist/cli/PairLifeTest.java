package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.Signals;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A pair from its start to its stop. Real processes, a real database; the origins and the edge are
 * stand-ins.
 */
class PairLifeTest {
  private Mcpist mcpist;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  PairLifeTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    mcpist = new Mcpist(folder);
  }

  @AfterEach
  void nothingIsLeft() {
    mcpist.killAll();
  }

  @Test
  void theStatusHasWhatIsPromisedAndNoSecret() throws Exception {
    String shown = mcpist.up().out();
    JsonNode status = mcpist.status();

    assertThat(shown)
        .contains(
            "claude mcp add --transport http mcpist " + Mcpist.edge(status) + "/mcp",
            "\"url\": \"" + Mcpist.edge(status) + "/mcp\"");
    assertThat(status.propertyNames()).containsExactly("edge", "origins", "database");
    assertThat(status.path("edge").propertyNames()).containsExactly("url", "pid");
    assertThat(status.path("origins")).hasSize(2);
    assertThat(status.path("origins").path(0).propertyNames())
        .containsExactly("name", "url", "pid", "state", "active", "release", "lastFailure");
    assertThat(status.path("origins").path(0).path("name").asString()).isEqualTo("koyeb-primary");
    assertThat(status.path("origins").path(0).path("active").asBoolean()).isTrue();
    assertThat(status.path("origins").path(1).path("active").asBoolean()).isFalse();
    assertThat(status.path("database").path("url").asString())
        .matches("postgres://postgres@127\\.0\\.0\\.1:\\d+/postgres");

    Mcpist.Result table = mcpist.run("status");
    assertThat(table.code()).isZero();
    assertThat(table.out()).contains("koyeb-primary", "flyio-standby", "healthy");
  }

  @Test
  void aSecondUpSaysWhereTheFirstRuns() throws Exception {
    mcpist.up();
    Mcpist.Result second = mcpist.run("up", "--port", "0");

    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err())
        .hasLineCount(1)
        .contains("already running", Mcpist.edge(mcpist.status()), mcpist.data().toString());
  }

  @Test
  void downStopsEverythingAndIsDoneWhenNothingRuns() throws Exception {
    mcpist.up();
    Mcpist.Result down = mcpist.run("down");

    assertThat(down.code()).as(down.err()).isZero();
    assertThat(mcpist.processes()).isEmpty();
    assertThat(mcpist.run("down").code()).isZero();
    Mcpist.Result status = mcpist.run("status", "--json");
    assertThat(status.code()).isEqualTo(1);
    assertThat(status.out()).isEmpty();
    assertThat(status.err()).hasLineCount(1).contains("mcpist up");
  }

  @Test
  void ctrlCStopsWhatUpHasStartedAndEventsAreTold() throws Exception {
    Path out = mcpist.folder().resolve("up.out");
    Process up =
        Signals.stoppingOnInterrupt(mcpist.command("up", "--port", "0"))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    Conditions.await("it is up", Mcpist.LIMIT, () -> Files.readString(out).contains("Ctrl-C"));
    ProcessHandle.of(mcpist.status().path("origins").path(0).path("pid").asLong())
        .orElseThrow()
        .destroyForcibly();
    Conditions.await(
        "it says so",
        Mcpist.LIMIT,
        () -> Files.readString(out).contains("koyeb-primary is up again"));

    Mcpist.signal("INT", up.pid());

    assertThat(up.waitFor(Mcpist.LIMIT)).isTrue();
    assertThat(mcpist.processes()).isEmpty();
    assertThat(Files.readString(out))
        .contains("koyeb-primary died (killed, signal 9), starting it again at once")
        .contains("Stopping edge", "Stopped.")
        .doesNotContain("Exception", "\u001b[");
  }

  @Test
  void drainAndUndrain() throws Exception {
    mcpist.up();
    assertThat(mcpist.run("drain", "koyeb-primary").code()).isZero();
    JsonNode drained = mcpist.status();
    assertThat(drained.path("origins").path(0).path("state").asString()).isEqualTo("drained");
    assertThat(drained.path("origins").path(1).path("active").asBoolean()).isTrue();

    Mcpist.Result last = mcpist.run("drain", "flyio-standby");
    assertThat(last.code()).isEqualTo(1);
    assertThat(last.err()).hasLineCount(1).contains("no healthy origin would be left");

    assertThat(mcpist.run("undrain", "koyeb-primary").code()).isZero();
    assertThat(mcpist.status().path("origins").path(0).path("active").asBoolean()).isTrue();

    Mcpist.Result unknown = mcpist.run("drain", "koyeb-primry");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).hasLineCount(1).contains("Did you mean koyeb-primary?");
  }

  @Test
  void restartTellsWhatItDoesAndANewEdgeKnowsWhatIsDrained() throws Exception {
    mcpist.up();
    JsonNode before = mcpist.status();
    Mcpist.Result origin = mcpist.run("restart", "koyeb-primary");
    assertThat(origin.code()).as(origin.err()).isZero();
    assertThat(origin.out())
        .contains("Draining koyeb-primary: done in", "Restarting koyeb-primary: done in");
    assertThat(mcpist.run("drain", "flyio-standby").code()).isZero();

    Mcpist.Result edge = mcpist.run("restart", "edge");

    assertThat(edge.code()).as(edge.err()).isZero();
    assertThat(edge.out()).contains("Starting a new edge: done in");
    JsonNode after = mcpist.status();
    assertThat(after.path("edge").path("pid")).isNotEqualTo(before.path("edge").path("pid"));
    assertThat(after.path("edge").path("url")).isEqualTo(before.path("edge").path("url"));
    assertThat(after.path("origins").path(0).path("pid"))
        .isNotEqualTo(before.path("origins").path(0).path("pid"));
    assertThat(after.path("origins").path(0).path("state").asString()).isEqualTo("healthy");
    assertThat(after.path("origins").path(1).path("pid"))
        .isEqualTo(before.path("origins").path(1).path("pid"));
    assertThat(after.path("origins").path(1).path("state").asString()).isEqualTo("drained");
    Mcpist.Result unknown = mcpist.run("restart", "edg");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).hasLineCount(1).contains("Did you mean edge?");
  }

  @Test
  void anOriginGetsItsOwnEnvironmentAndNoOther() throws Exception {
    mcpist.environment.put("SOMETHING_PRIVATE", "x");
    mcpist.environment.put("SUPABASE_URL", "https://x.supabase.co");
    mcpist.up();

    String[] told = mcpist.environmentOfOrigin(1).split(";", -1);

    assertThat(told[0].split(",", -1))
        .contains(
            "GATEWAY_SECRET",
            "ADMIN_TOKEN",
            "SUPABASE_URL",
            "RELEASE",
            "IMAGE_DIGEST",
            "INSTANCE",
            "MCPIST_SUPERVISED")
        .doesNotContain("SOMETHING_PRIVATE", "XDG_CACHE_HOME", "EDGE_ADMIN_TOKEN");
    assertThat(told[1]).isEqualTo("production-standby");
    assertThat(mcpist.run("logs", "flyio-standby").out()).contains("[flyio] origin starts");
    String password = URI.create(told[2]).getUserInfo().split(":", -1)[1];
    for (ProcessHandle process : mcpist.processes()) {
      Path arguments = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      assertThat(Files.readString(arguments)).doesNotContain(password);
    }
  }

  @Test
  void aDatabaseOfOnesOwnIsUsedInstead() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      mcpist.environment.put("DATABASE_URL", database.url());
      mcpist.up();

      assertThat(mcpist.databaseUrl()).isEqualTo(database.url());
      assertThat(mcpist.status().path("database").path("url").asString()).endsWith(database.name());
      assertThat(mcpist.data().resolve("postgres")).doesNotExist();
    }
  }

  @Test
  void aLongPathIsNoHindrance() throws Exception {
    String data = mcpist.folder().resolve("long".repeat(30)).toString();
    assertThat(mcpist.run("up", "--detach", "--port", "0", "--data", data).code()).isZero();
    assertThat(mcpist.run("status", "--data", data).code()).isZero();
    assertThat(mcpist.run("down", "--data", data).code()).isZero();
  }

  @Test
  void theDevelopersOriginHasADatabaseOfItsOwn() throws Exception {
    mcpist.environment.put("ENVIRONMENT", "development");
    mcpist.environment.put("PORT", Integer.toString(Ports.free()));
    Process origin =
        mcpist
            .command("origin")
            .redirectErrorStream(true)
            .redirectOutput(mcpist.folder().resolve("origin.out").toFile())
            .start();
    URI address = URI.create("http://127.0.0.1:" + mcpist.environment.get("PORT"));
    String url =
        Conditions.awaitValue(
                "it answers",
                Mcpist.LIMIT,
                () -> Optional.of(mcpist.get(address.resolve("/environment"))))
            .split(";", -1)[2];
    try (Connection connection = Mcpist.connect(url)) {
      assertThat(Mcpist.value(connection, "SHOW data_directory"))
          .isEqualTo(mcpist.data().resolve("development/postgres").toString());
    }

    origin.destroy();

    assertThat(origin.waitFor(Mcpist.LIMIT)).isTrue();
    mcpist.awaitNoProcess();
  }
}
