package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.Conditions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands on a deployment on platforms. */
@Tag("long")
class PlatformsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static VendorPair pair;

  @BeforeAll
  static void up() throws Exception {
    pair = new VendorPair();
    Conditions.await(
        "it can be verified", LIMIT, () -> run("verify", "--edge", pair.edge()).code() == 0);
  }

  @AfterAll
  static void down() throws Exception {
    pair.close();
  }

  @AfterEach
  void everyRequestWasOneThatTheVendorsTake() {
    assertThat(pair.violations()).isEmpty();
  }

  /** No secret is in what a command prints. */
  private static Command.Result run(String... arguments) throws Exception {
    Command.Result result = pair.run(arguments);
    assertThat(result.all())
        .doesNotContain(VendorPair.SECRET, VendorPair.ADMIN, "koyeb-token", "fly-token");
    return result;
  }

  @Test
  void aReleaseGoesOutAndComesBackWhileClientsWrite() throws Exception {
    Savers savers = Savers.start(pair.port(), 3);
    savers.awaitMore(3);

    Command.Result deployed = run("deploy", "--release", "two", "--edge", pair.edge(), "--json");
    assertThat(deployed.code()).as(deployed.all()).isZero();
    JsonNode outcome = JsonMapper.shared().readTree(deployed.out());
    assertThat(outcome.path("digest").asString()).isEqualTo(VendorPair.NEW);
    assertThat(outcome.path("calls").path("failed").asInt(-1)).isZero();
    savers.awaitMore(3);

    Command.Result back = run("rollback", "--edge", pair.edge());
    assertThat(back.code()).as(back.all()).isZero();
    assertThat(back.out()).contains("Done: the origins run one (000000000000).");
    savers.awaitMore(3);
    savers.stop(pair.database.dataSource()).assertAllSavedOnce();

    Command.Result history = run("history");
    assertThat(history.out()).contains("rollback", "deploy", "two", "succeeded");
    Command.Result status = run("status");
    assertThat(status.code()).as(status.all()).isZero();
    assertThat(status.out()).contains("koyeb: HEALTHY", "fly: started", "healthy", "one");
  }

  @Test
  void aDryRunTellsEveryCallAndMakesNone() throws Exception {
    int changes = pair.koyeb.calls("PATCH .*").size() + pair.fly.calls("POST .*").size();

    Command.Result result = run("deploy", "--dry-run");

    assertThat(result.code()).as(result.all()).isZero();
    assertThat(result.out())
        .contains("PATCH /v1/services/", "POST /apps/notes/machines/", "Nothing has been changed.");
    assertThat(pair.koyeb.calls("PATCH .*").size() + pair.fly.calls("POST .*").size())
        .isEqualTo(changes);
  }

  @Test
  void anOriginIsTakenOutAndInAgain() throws Exception {
    Command.Result preview = run("drain", Pair.PRIMARY, "--dry-run");
    assertThat(preview.out()).contains("POST /origins/koyeb-primary/drain. Nothing is changed.");
    Command.Result drain = run("drain", Pair.PRIMARY);
    assertThat(drain.code()).as(drain.all()).isZero();
    assertThat(drain.out()).contains("drained");
    Command.Result refused = run("drain", Pair.STANDBY);
    assertThat(refused.code()).as(refused.all()).isEqualTo(1);
    assertThat(refused.err()).contains("no healthy origin would be left");

    Command.Result undrain = run("undrain", Pair.PRIMARY, "--json");
    assertThat(undrain.code()).as(undrain.all()).isZero();
    JsonNode status = JsonMapper.shared().readTree(undrain.out());
    assertThat(status.path("origins").findValuesAsString("state")).containsOnly("healthy");
  }

  @Test
  void theDoctorFindsWhatThereIsAndWhatIsMissing() throws Exception {
    Command.Result result = run("doctor");

    assertThat(result.code()).as(result.all()).isZero();
    assertThat(result.out())
        .contains("koyeb-primary on koyeb", "flyio-standby on fly", "answers; nobody deploys")
        .contains("mcpist.yml has no domain");
    assertThat(result.err()).isEmpty();
    List<String> wrong = run("deploy", "--origin", "nowhere").err().lines().toList();
    assertThat(wrong).hasSize(1);
    assertThat(wrong.getFirst()).contains("there is no origin \"nowhere\"");
  }
}
