package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.LocalPlatform;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

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
    mcpist.killAll();

    mcpist.up();

    assertThat(before).allMatch(Files::isDirectory);
    try (Connection connection = Mcpist.connect(mcpist.databaseUrl())) {
      assertThat(Mcpist.value(connection, "SELECT word FROM kept")).isEqualTo("here");
    }
    assertThat(mcpist.databaseUrl()).as("another password").isNotEqualTo(url);
  }

  @Test
  void whatRunsServesOnWithoutASupervisorUntilItIsTakenOverOrStopped() throws Exception {
    mcpist.up();
    JsonNode before = mcpist.status();
    long postgres = mcpist.postmaster();
    killSupervisor();

    URI health = URI.create(Mcpist.edge(before) + "/health");
    assertThat(mcpist.get(health)).contains("ok");
    Mcpist.Result alone = mcpist.run("status");
    assertThat(alone.code()).isEqualTo(1);
    assertThat(alone.err())
        .hasLineCount(1)
        .contains("serves without a supervisor", "`mcpist up` takes it over");
    Path file = Files.writeString(mcpist.folder().resolve("mcpist.yml"), "origins: 7");
    Mcpist.Result up = mcpist.up();
    Files.delete(file);

    assertThat(up.out())
        .contains("Taking over the pair that serves", "mcpist.yml:1", "goes on as it was started")
        .contains(Mcpist.edge(before));
    JsonNode after = mcpist.status();
    assertThat(after.path("edge")).isEqualTo(before.path("edge"));
    assertThat(pids(after)).isEqualTo(pids(before));
    assertThat(mcpist.postmaster()).isEqualTo(postgres);
    assertThat(mcpist.get(health)).contains("ok");
    killSupervisor();
    assertThat(mcpist.processes()).hasSizeGreaterThanOrEqualTo(5);
    assertThat(mcpist.run("down").out()).contains("Stopped.");
    assertThat(mcpist.processes()).isEmpty();
    assertThat(mcpist.run("status").err()).contains("no pair is running");
  }

  private static List<Long> pids(JsonNode status) {
    return status.path("origins").valueStream().map(o -> o.path("pid").asLong()).toList();
  }

  private void killSupervisor() throws Exception {
    ProcessHandle supervisor = mcpist.supervisor();
    supervisor.destroyForcibly();
    Conditions.await("it is gone", () -> !DataFolder.isInUse(mcpist.data()));
  }

  @Test
  void whatDiesWithoutASupervisorOrAfterItsReturnIsReplacedAndNobodyIsRefused() throws Exception {
    mcpist.up();
    JsonNode before = mcpist.status();
    URI health = URI.create(Mcpist.edge(before) + "/health");
    killSupervisor();
    kill(before.path("edge"));
    kill(before.path("origins").path(0));
    Future<String> waiting =
        Executors.newVirtualThreadPerTaskExecutor().submit(() -> mcpist.get(health));

    mcpist.up();

    assertThat(waiting.get()).as("who came while there was no edge").contains("ok");
    JsonNode again = mcpist.status();
    assertThat(again.path("origins").path(0).path("url"))
        .isEqualTo(before.path("origins").path(0).path("url"));
    assertThat(pids(again).getLast()).isEqualTo(pids(before).getLast());
    long postgres = mcpist.postmaster();
    ProcessHandle.of(postgres).orElseThrow().destroyForcibly();
    kill(again.path("origins").path(1));
    kill(again.path("edge"));
    assertThat(mcpist.get(health)).contains("ok");
    Conditions.await(
        "all are replaced",
        Mcpist.LIMIT,
        () -> {
          JsonNode now = mcpist.status();
          return mcpist.postmaster() != postgres
              && now.path("edge").path("pid").asLong() > 0
              && now.path("origins").valueStream().allMatch(PairFaultTest::isHealthy)
              && !pids(now).getLast().equals(pids(again).getLast());
        });
    String url = mcpist.databaseUrl();
    Conditions.await("the database answers", Mcpist.LIMIT, () -> answers(url));
    assertThat(mcpist.run("down").code()).isZero();
    assertThat(mcpist.processes()).isEmpty();
  }

  private static boolean answers(String url) {
    try (Connection connection = Mcpist.connect(url)) {
      return Mcpist.value(connection, "SELECT 1").equals("1");
    } catch (SQLException _) {
      return false;
    }
  }

  /** Until it is gone it could still accept who comes next. */
  private static void kill(JsonNode program) throws InterruptedException {
    ProcessHandle process = ProcessHandle.of(program.path("pid").asLong()).orElseThrow();
    process.destroyForcibly();
    assertThat(AdoptedProcess.ends(process, Mcpist.LIMIT)).isTrue();
  }

  private static boolean isHealthy(JsonNode origin) {
    return origin.path("state").asString().equals("healthy");
  }

  @Test
  void aRolloutGoesToItsEndThoughItsSupervisorIsKilled() throws Exception {
    mcpist.up();
    LocalPair pair = new LocalPair(mcpist.data(), mcpist.environment);
    LocalPlatform platform = new LocalPlatform(pair, "koyeb-primary");
    Deadline deadline = Deadline.in(Mcpist.LIMIT, Time.system());
    Release first = platform.current(deadline);
    Path go = mcpist.folder().resolve("go");
    Map<String, String> env = Map.of("RELEASE", "r2", "STAND_IN", "wait for " + go);
    platform.deploy(new Wanted(first.image().orElseThrow(), env, Set.of()), deadline);
    Path log = mcpist.data().resolve("logs/koyeb-primary.log");
    Conditions.await(
        "the next one starts",
        Mcpist.LIMIT,
        () ->
            Files.readAllLines(log).stream().filter(l -> l.contains("origin starts")).count() == 2);
    Release next = platform.history(2, deadline).getFirst();
    assertThat(next.state()).isEqualTo(State.PROGRESSING);
    killSupervisor();
    Files.createFile(go);

    mcpist.up();

    Conditions.await(
        "the next one runs and gets calls",
        Mcpist.LIMIT,
        () -> {
          Release now = platform.current(deadline);
          return now.id().equals(next.id())
              && now.state() == State.HEALTHY
              && mcpist.status().path("origins").path(0).path("active").asBoolean();
        });
    assertThat(platform.history(3, deadline)).hasSize(2);
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
