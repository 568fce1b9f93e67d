package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.origin.OriginClient;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.PairAccess;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.testkit.Conditions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Secrets of a pair that serves become others, and no client can tell. */
class SecretsIT {
  private static final int CLIENTS = 16;
  private static final int FEW = 3;
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String LOOKING = "Asking what runs: done";

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
  void clientsSeeNothingOfARotation() throws Exception {
    Savers savers = Savers.start(deployment.pair.port(), CLIENTS);
    savers.awaitMore(CLIENTS);
    Secret first = access().gatewaySecret();

    Command.Result rotated = deployment.run("secrets", "rotate", "GATEWAY_SECRET");

    assertThat(rotated.code()).as(rotated.all() + deployment.pair.logs()).isZero();
    assertThat(rotated.out()).contains("Done: GATEWAY_SECRET has a new value");
    assertThatOnlyTheNewOneIsKnown(first);
    savers.awaitMore(CLIENTS);
    savers.stop(deployment.pair.database()).assertAllSavedOnce();
  }

  @Test
  void clientsSeeNothingOfOneThatIsKilledAfterEachStep() throws Exception {
    Savers savers = Savers.start(deployment.pair.port(), FEW);
    savers.awaitMore(FEW);
    Secret second = access().gatewaySecret();
    List<String> steps = killedAfterEachStep("secrets", "rotate", "GATEWAY_SECRET");

    assertThat(steps)
        .as("a step that a dead command had begun is done by the time that the next one looks")
        .hasSizeGreaterThanOrEqualTo(6)
        .startsWith("Making a new GATEWAY_SECRET, kept by the supervisor as GATEWAY_SECRET_NEXT")
        .contains("Making it the supervisor's GATEWAY_SECRET");
    assertThatOnlyTheNewOneIsKnown(second);
    savers.awaitMore(FEW);
    savers.stop(deployment.pair.database()).assertAllSavedOnce();
  }

  @Test
  void theAdminTokenTooAndTheCommandsGoOnWithTheNewOne() throws Exception {
    Secret before = access().adminToken();

    JsonNode rotated = deployment.json(0, "secrets", "rotate", "ADMIN_TOKEN");

    assertThat(rotated.path("steps").size()).isGreaterThan(5);
    assertThat(access().adminToken()).isNotEqualTo(before);
    assertThat(deployment.json(0, "history").isArray()).isTrue();
    assertThat(deployment.json(0, "secrets", "check").path("good").asBoolean()).isTrue();
  }

  @Test
  void whatAPairHasNotIsRefusedInOneLine() throws Exception {
    Command.Result unknown = deployment.run("secrets", "rotate", "GATEWAY_SECRETS");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err().lines()).hasSize(1);
    assertThat(unknown.err()).contains("there are ADMIN_TOKEN, GATEWAY_SECRET");

    Command.Result sync = deployment.run("secrets", "sync");
    assertThat(sync.code()).isEqualTo(2);
    assertThat(sync.err().lines()).hasSize(1);

    Command.Result preview = deployment.run("secrets", "rotate", "GATEWAY_SECRET", "--dry-run");
    assertThat(preview.code()).as(preview.all()).isZero();
    assertThat(preview.out()).contains("to do:        Making a new GATEWAY_SECRET");
    assertThat(access().nextGatewaySecret()).isEmpty();
  }

  private static PairAccess access() throws Exception {
    return new LocalPair(deployment.pair.data(), System.getenv()).access().orElseThrow();
  }

  private static void assertThatOnlyTheNewOneIsKnown(Secret old) throws Exception {
    PairAccess access = access();
    assertThat(access.gatewaySecret()).isNotEqualTo(old);
    assertThat(access.nextGatewaySecret()).isEmpty();
    LocalPair local = new LocalPair(deployment.pair.data(), System.getenv());
    for (PairStatus.Origin origin : local.status().orElseThrow().origins()) {
      OriginClient client = new OriginClient(URI.create(origin.url()), List.of(), Time.system());
      Deadline deadline = Deadline.in(LIMIT, Time.system());
      assertThat(client.status("/mcp", Optional.of(old), deadline))
          .as(origin.name() + " asked with the old secret")
          .isEqualTo(403);
      assertThat(client.tools(Optional.of(access.gatewaySecret()), deadline).problem()).isEmpty();
    }
  }

  /**
   * Begins it again and again, and kills it as soon as it has done one step more.
   *
   * @return the steps that were done last before each death
   */
  private static List<String> killedAfterEachStep(String... command) throws Exception {
    List<String> steps = new ArrayList<>();
    Path out = deployment.pair.home().resolve("rotate.out");
    while (true) {
      Process process =
          deployment
              .command(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      Conditions.await(
          "a further step is done",
          LIMIT,
          () -> !process.isAlive() || !steps.containsAll(done(out)));
      process.destroyForcibly();
      int code = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) ? process.exitValue() : -1;
      if (code == 0) {
        return steps;
      }
      List<String> done = done(out);
      assertThat(done).as(Files.readString(out)).isNotEmpty();
      assertThat(steps).as(Files.readString(out)).doesNotContain(done.getLast());
      steps.add(done.getLast());
      if (access().nextGatewaySecret().isEmpty()) {
        return steps; // It was killed with all done: another one would be another rotation.
      }
      assertThat(steps.size()).as(steps.toString()).isLessThan(30);
      aMinutePassesForTheLockOfOneWhoIsDead();
    }
  }

  private static List<String> done(Path out) throws Exception {
    return Files.readAllLines(out).stream()
        .filter(line -> line.contains(": done in ") && !line.startsWith(LOOKING))
        .map(line -> line.substring(0, line.indexOf(": done in ")))
        .toList();
  }

  private static void aMinutePassesForTheLockOfOneWhoIsDead() throws Exception {
    try (Connection connection = deployment.pair.database().getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "update deployment_lock set expires_at = expires_at - interval '1 minute'");
    }
  }
}
