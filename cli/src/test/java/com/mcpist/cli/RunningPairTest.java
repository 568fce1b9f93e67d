package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a pair that runs is asked, and what dies of it: it goes on, so one is for all of these
 * tests.
 */
class RunningPairTest {
  private static Mcpist mcpist;
  private static Mcpist.Result up;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  RunningPairTest() {}

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    mcpist = new Mcpist(folder);
    mcpist.environment.put("SOMETHING_PRIVATE", "x");
    mcpist.environment.put("SUPABASE_URL", "https://x.supabase.co");
    up = mcpist.up();
  }

  @AfterAll
  static void nothingIsLeft() {
    mcpist.killAll();
  }

  @Test
  void theStatusHasWhatIsPromisedAndNoSecret() throws Exception {
    String shown = up.out();
    JsonNode status = JsonMapper.shared().readTree(mcpist.run("status", "--json").out());

    assertThat(shown)
        .contains(
            "claude mcp add --transport http --scope user mcpist " + Mcpist.edge(status) + "/mcp",
            "\"url\": \"" + Mcpist.edge(status) + "/mcp\"",
            "No authentication: this pair answers only on this machine.");
    assertThat(status.path("edge").path("url").asString()).endsWith("/mcp");
    assertThat(status.propertyNames())
        .containsExactly("edge", "origins", "database", "problems", "lastFailover");
    assertThat(status.path("edge").propertyNames()).containsExactly("url", "pid");
    assertThat(status.path("origins")).hasSize(2);
    assertThat(status.path("origins").path(0).propertyNames())
        .containsExactly("name", "url", "pid", "state", "active", "release", "lastFailure");
    assertThat(status.path("origins").path(0).path("name").asString()).isEqualTo("koyeb-primary");
    assertThat(status.path("database").path("url").asString())
        .matches("postgres://mcpist@%2F[^/:]+%2Frun/postgres");

    awaitStatus(
        now -> {
          assertThat(now.path("origins").path(0).path("active").asBoolean()).isTrue();
          assertThat(now.path("origins").path(1).path("active").asBoolean()).isFalse();
          assertThat(now.path("problems").valueStream().map(JsonNode::asString))
              .contains(
                  "edge: its clock is 61 s ahead of the database's",
                  "koyeb-primary: it rains",
                  "flyio-standby: it rains");
        });
    Conditions.awaitAsserted(
        Mcpist.LIMIT,
        () -> {
          Mcpist.Result table = mcpist.run("status");
          assertThat(table.code()).isZero();
          assertThat(table.out()).contains("koyeb-primary", "flyio-standby", "healthy");
        });
  }

  /** A busy machine may be too slow for one look, so the status is asked for again. */
  private static void awaitStatus(Consumer<JsonNode> assertions) {
    Conditions.awaitAsserted(Mcpist.LIMIT, () -> assertions.accept(mcpist.status()));
  }

  @Test
  void whatToRunNextNamesTheSamePair() throws Exception {
    String other = mcpist.folder().resolve("an other").toString();

    Mcpist.Result none = mcpist.run("status", "--data", other);

    assertThat(none.err()).contains("`mcpist up --data '" + other + "'` starts one");
    assertThat(mcpist.run("keys", "list", "--local", "--data", other).err())
        .contains("`mcpist up --data '" + other + "'` starts one");
  }

  @Test
  void aSecondUpSaysWhereTheFirstRuns() throws Exception {
    Mcpist.Result second = mcpist.run("up", "--port", "0");

    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err())
        .hasLineCount(1)
        .contains("already running", Mcpist.edge(mcpist.status()), mcpist.data().toString());
  }

  @Test
  void drainAndUndrain() throws Exception {
    assertThat(mcpist.run("drain", "koyeb-primary").code()).isZero();
    awaitStatus(
        now -> {
          assertThat(now.path("origins").path(0).path("state").asString()).isEqualTo("drained");
          assertThat(now.path("origins").path(1).path("active").asBoolean()).isTrue();
        });

    Mcpist.Result last = mcpist.run("drain", "flyio-standby");
    assertThat(last.code()).isEqualTo(1);
    assertThat(last.err()).hasLineCount(1).contains("no healthy origin would be left");

    assertThat(mcpist.run("undrain", "koyeb-primary").code()).isZero();
    awaitStatus(now -> assertThat(now.path("origins").path(0).path("active").asBoolean()).isTrue());

    Mcpist.Result unknown = mcpist.run("drain", "koyeb-primry");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).hasLineCount(1).contains("Did you mean koyeb-primary?");
  }

  @Test
  void restartTellsWhatItDoesAndANewEdgeKnowsWhatIsDrained() throws Exception {
    JsonNode before = mcpist.status();
    Mcpist.Result origin = mcpist.run("restart", "koyeb-primary");
    assertThat(origin.code()).as(origin.err()).isZero();
    assertThat(origin.out())
        .contains("Draining koyeb-primary: done in", "Restarting koyeb-primary: done in");
    assertThat(mcpist.run("drain", "flyio-standby").code()).isZero();

    Mcpist.Result edge = mcpist.run("restart", "edge");

    assertThat(edge.code()).as(edge.err()).isZero();
    assertThat(edge.out()).contains("Starting a new edge: done in");
    awaitStatus(
        after -> {
          assertThat(after.path("edge").path("pid")).isNotEqualTo(before.path("edge").path("pid"));
          assertThat(after.path("edge").path("url")).isEqualTo(before.path("edge").path("url"));
          assertThat(after.path("origins").path(0).path("pid"))
              .isNotEqualTo(before.path("origins").path(0).path("pid"));
          assertThat(after.path("origins").path(0).path("state").asString()).isEqualTo("healthy");
          assertThat(after.path("origins").path(1).path("pid"))
              .isEqualTo(before.path("origins").path(1).path("pid"));
          assertThat(after.path("origins").path(1).path("state").asString()).isEqualTo("drained");
        });
    assertThat(mcpist.run("undrain", "flyio-standby").code()).isZero();
    Mcpist.Result unknown = mcpist.run("restart", "edg");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).hasLineCount(1).contains("Did you mean edge?");
  }

  @Test
  void anOriginGetsItsOwnEnvironmentAndNoOther() throws Exception {

    String[] told = mcpist.environmentOfOrigin(1).split(";", -1);

    assertThat(told[0].split(",", -1))
        .contains(
            "GATEWAY_SECRET",
            "ADMIN_TOKEN",
            "SUPABASE_URL",
            "RELEASE",
            "IMAGE_DIGEST",
            "INSTANCE",
            "LIMITS")
        .doesNotContain(
            "MCPIST_SUPERVISED", "SOMETHING_PRIVATE", "XDG_CACHE_HOME", "EDGE_ADMIN_TOKEN");
    assertThat(told[1]).isEqualTo("production-standby");
    assertThat(mcpist.run("logs", "flyio-standby").out()).contains("[flyio] origin starts");
    String password = told[2].replaceFirst("^postgres://[^:@/]+:([^@/]+)@.*$", "$1");
    assertThat(password).isNotEqualTo(told[2]);
    for (ProcessHandle process : mcpist.processes()) {
      assertThat(Mcpist.arguments(process.pid())).doesNotContain(password);
    }
  }

  @Test
  void anOriginThatDiesIsStartedAgainOnItsPort() throws Exception {
    JsonNode before = mcpist.status().path("origins").path(0);
    ProcessHandle.of(before.path("pid").asLong()).orElseThrow().destroyForcibly();

    Conditions.await(
        "another process serves there",
        Mcpist.LIMIT,
        () -> {
          JsonNode now = mcpist.status().path("origins").path(0);
          return now.path("pid").asLong() != before.path("pid").asLong()
              && now.path("state").asString().equals("healthy")
              && now.path("url").equals(before.path("url"));
        });
  }

  @Test
  void whatHangsIsReplacedAndWhoWaitsIsServed() throws Exception {
    JsonNode before = mcpist.status();
    long edge = before.path("edge").path("pid").asLong();
    long standby = before.path("origins").path(1).path("pid").asLong();
    Mcpist.signal("STOP", edge);
    Mcpist.signal("STOP", standby);

    String answer = mcpist.get(URI.create(Mcpist.edge(before) + "/health"));

    assertThat(answer).as("by the next edge").contains("ok");
    Conditions.await(
        "both are replaced",
        Mcpist.LIMIT,
        () -> {
          JsonNode now = mcpist.status();
          JsonNode origin = now.path("origins").path(1);
          return !Set.of(0L, edge).contains(now.path("edge").path("pid").asLong())
              && !Set.of(0L, standby).contains(origin.path("pid").asLong())
              && origin.path("state").asString().equals("healthy");
        });
    awaitStatus(
        now ->
            assertThat(now.path("problems").valueStream().map(JsonNode::asString))
                .anyMatch(
                    line ->
                        line.matches("edge died \\(killed after .* s without an answer\\) at .*"))
                .anyMatch(line -> line.startsWith("flyio-standby died (killed after ")));
  }

  @Test
  void theDatabaseAndTheEdgeAreStartedAgainToo() throws Exception {
    JsonNode before = mcpist.status();
    long postgres = mcpist.postmaster();
    ProcessHandle.of(postgres).orElseThrow().destroyForcibly();
    ProcessHandle.of(before.path("edge").path("pid").asLong()).orElseThrow().destroyForcibly();

    Conditions.await(
        "another edge runs",
        Mcpist.LIMIT,
        () -> {
          JsonNode edge = mcpist.status().path("edge");
          return edge.path("pid").asLong() > 0 && !edge.equals(before.path("edge"));
        });
    String url = mcpist.databaseUrl();
    Conditions.await(
        "another server answers, with the same password",
        Mcpist.LIMIT,
        () -> {
          try (Connection connection = Mcpist.connect(url)) {
            return mcpist.postmaster() != postgres
                && Mcpist.value(connection, "SELECT 1").equals("1");
          } catch (SQLException _) {
            return false;
          }
        });
  }
}
