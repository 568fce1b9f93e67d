package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.testkit.Conditions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Secrets of a pair that serves become others, and no client can tell. */
@Tag("long")
class SecretsIT {
  private static final int CLIENTS = 16;
  private static final int FEW = 3;
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String LOOKING = "Asking what runs: done";
  private static final String TO_DO = "to do:";
  private static final int KILLED = 128 + 9;

  /** Steps that change nothing: each command takes them that has to go on behind them. */
  private static final Pattern LOOKS = Pattern.compile("Verifying|Waiting|Confirming");

  /** Before, in and after the settling, which takes longest: however slow this test is to look. */
  private static final int FEWEST_DEATHS = 3;

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
    List<String> plan = plan("secrets", "rotate", "GATEWAY_SECRET", "--dry-run");

    Deaths deaths = killedAfterEachStep(plan, "secrets", "rotate", "GATEWAY_SECRET");

    Set<String> seen = new LinkedHashSet<>(deaths.told());
    seen.addAll(deaths.begun());
    assertThat(seen).as("nothing is left out: %s", deaths).containsAll(plan);
    assertThat(deaths.begun()).hasSizeGreaterThanOrEqualTo(FEWEST_DEATHS);
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

  /** The steps as a preview tells them. */
  private static List<String> plan(String... preview) throws Exception {
    Command.Result result = deployment.run(preview);
    assertThat(result.code()).as(result.all()).isZero();
    return result
        .out()
        .lines()
        .filter(line -> line.startsWith(TO_DO))
        .map(line -> line.substring(TO_DO.length()).strip())
        .toList();
  }

  /**
   * What is known of commands that were killed.
   *
   * @param told the steps that any of them, or the last one, has said to be done
   * @param begun the step that each of the killed had begun and not said to be done: the next one
   *     finds it done, or does it
   */
  private record Deaths(Set<String> told, List<String> begun) {}

  /** Begins it again and again, and kills it as soon as it has told a step more. */
  private static Deaths killedAfterEachStep(List<String> plan, String... command) throws Exception {
    Deaths deaths = new Deaths(new LinkedHashSet<>(), new ArrayList<>());
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
          () -> !process.isAlive() || !deaths.told().containsAll(done(out)));
      process.destroyForcibly();
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      List<String> done = done(out);
      assertThat(process.exitValue()).as(Files.readString(out)).isIn(0, KILLED);
      assertThat(done)
          .as("what is told as done is not done again: %s", Files.readString(out))
          .filteredOn(step -> deaths.told().contains(step) && !LOOKS.matcher(step).lookingAt())
          .isEmpty();
      deaths.told().addAll(done);
      if (process.exitValue() == 0 || access().nextGatewaySecret().isEmpty()) {
        deaths.told().add(plan.getLast());
        return deaths; // All is done: another one would be another rotation.
      }
      deaths.begun().add(plan.get(plan.indexOf(done.getLast()) + 1));
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
