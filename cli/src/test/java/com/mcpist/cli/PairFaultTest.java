package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What dies, one by one and all at once. */
class PairFaultTest {
  private Mcpist mcpist;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  PairFaultTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    mcpist = new Mcpist(folder);
  }

  @AfterEach
  void nothingIsLeft() {
    mcpist.killAll();
  }

  @Test
  void whatWasCommittedIsThereAfterEverythingWasKilled() throws Exception {
    mcpist.up();
    String url = mcpist.databaseUrl();
    try (Connection connection = Mcpist.connect(url)) {
      assertThat(Mcpist.value(connection, "SHOW fsync")).isEqualTo("on");
      assertThat(Mcpist.value(connection, "SHOW synchronous_commit")).isEqualTo("on");
      assertThat(Mcpist.value(connection, "SHOW full_page_writes")).isEqualTo("on");
      assertThat(Mcpist.value(connection, "SHOW server_version")).startsWith("17.");
      connection.createStatement().execute("CREATE TABLE kept AS SELECT 'here' AS word");
    }
    Set<Path> before = Set.of(mcpist.data().resolve("postgres"));
    for (ProcessHandle process : mcpist.processes()) {
      process.destroyForcibly();
    }

    mcpist.up();

    assertThat(before).allMatch(Files::isDirectory);
    try (Connection connection = Mcpist.connect(mcpist.databaseUrl())) {
      assertThat(Mcpist.value(connection, "SELECT word FROM kept")).isEqualTo("here");
    }
    assertThat(mcpist.databaseUrl()).as("another password, the same port").isNotEqualTo(url);
    assertThat(URI.create(mcpist.databaseUrl()).getPort()).isEqualTo(URI.create(url).getPort());
  }

  @Test
  void nothingOutlivesASupervisorThatWasKilledAndUpStartsAtOnce() throws Exception {
    mcpist.up();
    List<ProcessHandle> all = mcpist.processes();
    assertThat(all).hasSizeGreaterThanOrEqualTo(6);
    mcpist.supervisor().destroyForcibly();
    mcpist.up();
    assertThat(all).noneMatch(ProcessHandle::isAlive);
    mcpist.supervisor().destroyForcibly();
    mcpist.awaitNoProcess();
  }

  @Test
  void anOrphanThatHangsIsEnded() throws Exception {
    mcpist.up();
    long origin = mcpist.status().path("origins").path(0).path("pid").asLong();
    Mcpist.signal("STOP", origin);
    mcpist.supervisor().destroyForcibly();

    Mcpist.Result down = mcpist.run("down");

    assertThat(down.code()).as(down.err()).isZero();
    assertThat(mcpist.processes()).isEmpty();
  }

  @Test
  void anOriginThatDiesIsStartedAgainOnItsPort() throws Exception {
    mcpist.up();
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
  void theDatabaseAndTheEdgeAreStartedAgainToo() throws Exception {
    mcpist.up();
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

  @Test
  void anUpThatIsKilledTakesItsPairWithIt() throws Exception {
    Process up =
        mcpist
            .command("up", "--port", "0")
            .redirectOutput(mcpist.folder().resolve("up.out").toFile())
            .start();
    Conditions.await("it runs", Mcpist.LIMIT, () -> mcpist.run("status").code() == 0);
    up.destroyForcibly();
    mcpist.awaitNoProcess();
  }
}
