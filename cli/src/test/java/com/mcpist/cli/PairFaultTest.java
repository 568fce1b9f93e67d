package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A supervisor that dies, and everything at once. */
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
  @Tag("long")
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
  @Tag("long")
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
