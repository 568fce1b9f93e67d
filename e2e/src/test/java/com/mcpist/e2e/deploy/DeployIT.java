package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A release that is good, and the ways to and from it. */
class DeployIT {
  private static final int CLIENTS = 16;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static LocalDeployment deployment;

  @BeforeAll
  static void up() throws Exception {
    deployment = LocalDeployment.up();
  }

  @AfterAll
  static void down() throws Exception {
    deployment.close();
  }

  @Test
  void aSecondBuildGoesToBothWhileClientsWriteAndTheWayBackIsTheSame() throws Exception {
    String first = deployment.releases().getFirst();
    Path second = Builds.second(deployment.build("second"));
    Savers savers = Savers.start(deployment.pair.port(), CLIENTS);
    savers.awaitMore(CLIENTS);

    assertThatItGoesToOneAfterTheOther(second, "two");
    savers.awaitMore(CLIENTS);

    Command.Result back = deployment.run("rollback");
    assertThat(back.code()).as(back.all()).isZero();
    assertThat(back.out()).contains("Done: the origins run " + first);
    assertThatBothRun(first);
    savers.awaitMore(CLIENTS);
    assertThatItGoesToOneAfterTheOther(second, "two again");
    savers.awaitMore(CLIENTS);
    savers.stop(deployment.pair.database()).assertAllSavedOnce();
    assertThatItIsVerifiedAndKnown();
  }

  private static void assertThatItGoesToOneAfterTheOther(Path build, String release)
      throws Exception {
    Command.Result deployed =
        deployment.run("deploy", "--image", build.toString(), "--release", release, "--json");

    assertThat(deployed.code()).as(deployed.all() + deployment.pair.logs()).isZero();
    JsonNode outcome = JsonMapper.shared().readTree(deployed.out());
    assertThat(outcome.path("state").asString()).isEqualTo("succeeded");
    assertThat(outcome.path("calls").path("failed").asInt(-1)).isZero();
    assertThat(outcome.path("calls").path("answered").asInt()).isPositive();
    assertThat(results(outcome)).containsOnly("deployed");
    assertThat(deployed.err().lines().map(String::strip))
        .as("the primary serves until the standby can")
        .containsSubsequence(
            Pair.STANDBY + ": healthy, " + release,
            Pair.PRIMARY + ": starting",
            Pair.PRIMARY + ": healthy, " + release);
    assertThatBothRun(release);
  }

  private static void assertThatItIsVerifiedAndKnown() throws Exception {
    JsonNode verified = deployment.json(0, "verify");
    assertThat(verified.path("passed").asBoolean()).isTrue();
    assertThat(verified.path("checks").size()).isEqualTo(13);
    JsonNode history = deployment.json(0, "history");
    assertThat(history.findValuesAsString("action")).startsWith("deploy", "rollback", "deploy");
    assertThat(history.path(0).path("state").asString()).isEqualTo("succeeded");
  }

  /** The edge tells the release that it has last been told. */
  private static void assertThatBothRun(String release) {
    Conditions.await(
        "both run " + release,
        LIMIT,
        () -> Set.copyOf(deployment.releases()).equals(Set.of(release)));
  }

  @Test
  @Tag("long")
  void afterCtrlCNothingIsHeldAndTheSameCommandFinishesTheWork() throws Exception {
    Path build = Builds.second(deployment.build("fourth"));
    Files.writeString(build.resolve("BUILD"), "the fourth build\n");
    String[] command = {"deploy", "--image", build.toString(), "--release", "four"};
    Path out = deployment.pair.home().resolve("deploy.out");
    Process stopped =
        Signals.stoppingOnInterrupt(deployment.command(command))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    Conditions.await(
        "it has begun",
        LIMIT,
        () -> Files.readString(out).contains("starting") || !stopped.isAlive());
    assertThat(stopped.isAlive()).as(Files.readString(out)).isTrue();

    Processes.interrupt(stopped.pid());
    Conditions.await("it has ended", LIMIT, () -> !stopped.isAlive());
    assertThat(Files.readString(out)).contains("stopped. What a platform has begun goes on");
    deployment.awaitNothingStarting();
    Command.Result again = deployment.run(command);

    assertThat(again.code()).as(again.all()).isZero();
    assertThat(again.all()).as("the lock was given back").doesNotContain("Waiting: ");
    assertThatBothRun("four");
  }

  @Test
  @Tag("long")
  void aDeployerThatIsKilledIsKnownToHaveBrokenOffAndTheSameCommandFinishesTheWork()
      throws Exception {
    Path build = Builds.second(deployment.build("fifth"));
    Files.writeString(build.resolve("BUILD"), "the fifth build\n");
    String[] command = {"deploy", "--image", build.toString(), "--release", "five"};
    Path out = deployment.pair.home().resolve("killed.out");
    Process killed =
        deployment.command(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    Conditions.await(
        "it has begun",
        LIMIT,
        () -> Files.readString(out).contains("starting") || !killed.isAlive());
    Processes.kill(killed.pid());
    JsonNode underWay = deployment.json(0, "history").path(0);
    assertThat(underWay.path("state").asString()).as("it has the lock").isEqualTo("running");

    expireTheLock();
    deployment.awaitNothingStarting();
    JsonNode seen = deployment.json(0, "history").path(0);
    Command.Result again = deployment.run(command);

    assertThat(seen.path("release").asString()).isEqualTo("five");
    assertThat(seen.path("state").asString()).isEqualTo("failed");
    assertThat(seen.path("detail").asString()).contains("broke off");
    assertThat(again.code()).as(again.all()).isZero();
    assertThatBothRun("five");
    try (Connection connection = deployment.pair.database().getConnection();
        ResultSet left =
            connection
                .createStatement()
                .executeQuery("select count(*) from release where state = 'running'")) {
      left.next();
      assertThat(left.getInt(1)).as("kept as running").isZero();
    }
  }

  /** As the minute does for which a lock of somebody who died is kept. */
  private static void expireTheLock() throws Exception {
    try (Connection connection = deployment.pair.database().getConnection()) {
      connection.createStatement().execute("update deployment_lock set expires_at = now()");
    }
  }

  @Test
  @Tag("long")
  void ofTwoWhoDeployAtOnceTheSecondWaitsForTheFirst() throws Exception {
    Path folder = Builds.second(deployment.build("third"));
    Files.writeString(folder.resolve("BUILD"), "the third build\n");
    try (var commands = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Command.Result>> both =
          Stream.of("a", "b")
              .map(
                  name ->
                      commands.submit(
                          () ->
                              deployment.run(
                                  "deploy",
                                  "--image",
                                  folder.toString(),
                                  "--release",
                                  name,
                                  "--wait",
                                  "5m")))
              .toList();
      for (var result : both) {
        assertThat(result.get().code()).as(result.get().all()).isZero();
      }
      assertThat(both.get(0).get().out() + both.get(1).get().out())
          .contains("Waiting: ")
          .contains("deploys (deploy of ");
    }
  }

  @Test
  void aDryRunChangesNothing() throws Exception {
    List<String> before = deployment.releases();
    Path other = Builds.second(deployment.build("dry"));
    Files.writeString(other.resolve("BUILD"), "another build\n");

    Command.Result result =
        deployment.run("deploy", "--image", other.toString(), "--release", "dry", "--dry-run");

    assertThat(result.code()).as(result.all()).isZero();
    assertThat(result.out())
        .contains(
            "1. deploy to flyio-standby, and verify", "2. deploy to koyeb-primary, and verify")
        .contains("Nothing has been changed.");
    assertThat(deployment.releases()).isEqualTo(before);
  }

  @Test
  void whatIsNoBuildIsRefusedInOneLine() throws Exception {
    Command.Result result = deployment.run("deploy", "--image", "/nowhere/at/all");

    assertThat(result.code()).as(result.all()).isIn(1, 2);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).contains("/nowhere/at/all");
  }

  @Test
  void aDrainUnderLoadFailsNothingAndTheWayBackWaitsForHealthy() throws Exception {
    deployment.pair.awaitSettled();
    Load load = Load.start(deployment.pair.port(), 4, DeployIT::list);
    assertThat(deployment.run("drain", Pair.PRIMARY).code()).isZero();
    Conditions.await("the standby serves", LIMIT, () -> load.servedBy().equals(Pair.STANDBY));

    Command.Result undrain = deployment.run("undrain", Pair.PRIMARY);

    assertThat(undrain.code()).as(undrain.all()).isZero();
    assertThat(deployment.pair.status().origin(Pair.PRIMARY).state()).isEqualTo("healthy");
    Conditions.await("the primary serves again", LIMIT, () -> load.servedBy().equals(Pair.PRIMARY));
    Load.Report report = load.stop();
    assertThat(report.failures()).as(report.summary()).isEmpty();
  }

  private static String list(McpConnection connection, int client, int number) throws Exception {
    McpConnection.Reply reply = connection.call("memory_list", Map.of());
    assertThat(reply.structured().has("memories")).isTrue();
    return reply.servedBy();
  }

  private static List<String> results(JsonNode outcome) {
    return StreamSupport.stream(outcome.path("origins").spliterator(), false)
        .map(origin -> origin.path("result").asString())
        .toList();
  }
}
