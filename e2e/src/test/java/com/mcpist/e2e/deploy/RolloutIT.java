package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.http.SocketHttp.Request;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Saves;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.LocalPlatform;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Another build of the origin, rolled out to a pair that serves: what a client notices. */
@Tag("long")
class RolloutIT {

  private static final int CLIENTS = 16;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static Pair pair;
  private static LocalPair local;

  @TempDir private Path folder;

  // JUnit sets the folder before anything else.
  @SuppressWarnings("NullAway.Init")
  RolloutIT() {}

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.up();
    pair.awaitSettled();
    local = new LocalPair(pair.data(), System.getenv());
  }

  @AfterAll
  static void stop() throws Exception {
    pair.close();
  }

  private static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }

  /** Stores another build. */
  private ImageReference build(String name) throws Exception {
    Path build = Builds.second(folder.resolve(name));
    Files.writeString(build.resolve("BUILD"), name);
    return LocalPlatform.image(local.releases().store(build).digest());
  }

  private static Rollout deploy(String origin, ImageReference image, String release)
      throws Exception {
    Wanted wanted = new Wanted(image, Map.of("RELEASE", release), Set.of());
    return new LocalPlatform(local, origin).deploy(wanted, deadline());
  }

  private static void await(Rollout rollout) throws Exception {
    try (rollout) {
      rollout.awaitHealthy(step -> {}, deadline());
    }
  }

  @Test
  void noCallFailsOnKeptAndOnNewConnectionsWhileTheOriginThatServesIsReplaced() throws Exception {
    pair.awaitSettled();
    Saves saves = new Saves("replaced");
    Load load = load(saves);
    awaitCallsOfEveryClient(load);
    String old = release();

    await(deploy(Pair.PRIMARY, build("direct"), "direct"));
    assertThat(release()).isEqualTo("direct").isNotEqualTo(old);
    awaitCallsOfEveryClient(load);
    await(new LocalPlatform(local, Pair.PRIMARY).restart(deadline()));
    awaitCallsOfEveryClient(load);
    Load.Report report = load.stop();

    assertThat(report.failures()).as(report.summary() + pair.logs()).isEmpty();
    assertThat(report.byOrigin()).containsOnlyKeys(Pair.PRIMARY, Pair.STANDBY);
    saves.assertThatAllAreSavedOnce(pair.port());
  }

  @Test
  void oneThatCannotStartGivesWayToTheOneBeforeAndNoCallFails() throws Exception {
    pair.awaitSettled();
    ImageReference broken = buildThatCannotStart();
    String before = release();
    Saves saves = new Saves("broken");
    Load load = load(saves);
    awaitCallsOfEveryClient(load);

    try (Rollout rollout = deploy(Pair.PRIMARY, broken, "broken")) {
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> rollout.awaitHealthy(step -> {}, deadline()))
          .matches(e -> e.kind() == PlatformException.Kind.FAILED);
    }
    assertThat(release()).isEqualTo(before);
    awaitCallsOfEveryClient(load);
    Load.Report report = load.stop();
    assertThat(report.failures()).as(report.summary() + pair.logs()).isEmpty();
    saves.assertThatAllAreSavedOnce(pair.port());
    assertThat(pair.run("drain", Pair.PRIMARY).code()).as("nothing is under way").isZero();
    assertThat(pair.run("undrain", Pair.PRIMARY).code()).isZero();
  }

  @Test
  void whileOneIsOnItsWayNothingElseIsDoneAndDownEndsIt() throws Exception {
    try (Pair another = Pair.up()) {
      Platform primary =
          new LocalPlatform(new LocalPair(another.data(), System.getenv()), Pair.PRIMARY);
      String nowhere = "postgres://postgres:x@127.0.0.1:1/postgres";
      primary.putSecrets(
          Map.of("DATABASE_URL", Secret.of(nowhere), "MIGRATION_DATABASE_URL", Secret.of(nowhere)),
          deadline());
      try (Rollout rollout = primary.restart(deadline())) {
        Path log = Path.of(primary.logs());
        Conditions.await(
            "the new one runs",
            LIMIT,
            () -> Files.readString(log).contains("schema could not be checked"));
        assertThat(rollout.unchanged()).isFalse();
      }

      for (String[] change :
          List.of(
              new String[] {"drain", Pair.PRIMARY},
              new String[] {"drain", Pair.STANDBY},
              new String[] {"restart", Pair.PRIMARY},
              new String[] {"restart", "edge"})) {
        Command.Result refused = another.run(change);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
            .hasLineCount(1)
            .contains(Pair.PRIMARY + " is being rolled out: try again when that is done");
      }
      assertThat(another.run("down").code()).isZero();
      assertThat(another.processes()).isEmpty();
    }
  }

  private ImageReference buildThatCannotStart() throws Exception {
    build("broken");
    Path build = folder.resolve("broken");
    Files.writeString(build.resolve("jvm.options"), "-XX:NoSuchOption\n");
    return LocalPlatform.image(local.releases().store(build).digest());
  }

  /** What the primary itself says that it runs. */
  private static String release() throws Exception {
    String secret = local.access().orElseThrow().gatewaySecret().reveal();
    Request request = Request.of("GET", "/health").with("X-Gateway-Secret", secret);
    return JsonMapper.shared()
        .readTree(pair.status().origin(Pair.PRIMARY).send(request).text())
        .path("release")
        .asString();
  }

  /** Half of the clients keep their connection, half make one for each call. */
  private static Load load(Saves saves) {
    return Load.start(
        pair.port(),
        CLIENTS,
        (kept, client, n) -> {
          if (client % 2 == 0) {
            return saves.save(kept.patience(LIMIT), client + " " + n);
          }
          try (McpConnection fresh = McpConnection.open(pair.port()).patience(LIMIT)) {
            return saves.save(fresh, client + " " + n);
          }
        });
  }

  private static void awaitCallsOfEveryClient(Load load) throws IOException {
    int before = load.calls();
    Conditions.await("some more calls", LIMIT, () -> load.calls() >= before + 4 * CLIENTS);
  }
}
