package com.mcpist.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.vendor.FlyServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whether what runs is what was deployed. */
class DigestDoctorTest {
  private static final String MACHINE = "148e21ea7d4589";
  private static final String OLD = Images.OLD.digest().orElseThrow();
  private static final String NEW = Images.NEW.digest().orElseThrow();

  private final TestTime time = TestTime.create();
  private final FlyServer fly = new FlyServer("notes", time.clock());
  private final FaultServer origin = FaultServer.start();

  DigestDoctorTest() {
    fly.machine(
        MACHINE,
        "nrt",
        "{\"image\": \"%s\", \"env\": {\"IMAGE_DIGEST\": \"%s\"}}".formatted(Images.OLD, OLD));
  }

  @AfterEach
  void close() throws Exception {
    assertThat(fly.violations()).isEmpty();
    fly.close();
    origin.close();
  }

  private void recorded(String digest, String state) {
    origin.always(
        Behaviour.answer(
            200,
            """
            {"releases": [{"id": "0198c1a0-0000-7000-8000-000000000000", "action": "deploy",
              "image": "ghcr.io/me/notes@%s", "digest": "%s", "release": "one",
              "strategy": "simultaneous", "who": "bob", "state": "%s", "detail": "",
              "origins": [{"name": "fly", "state": "deployed", "before": "", "detail": ""}],
              "started": null, "finished": null}]}
            """
                .formatted(digest, digest, state)));
  }

  private List<Diagnosis> examine(boolean known) throws Exception {
    Secret secret = Secret.of("s".repeat(40));
    AdminPath admin =
        new AdminPath(List.of(URI.create(origin.url())), List.of(new Access(secret, secret)), time);
    List<Diagnosis> found = new ArrayList<>();
    Map<String, String> environment =
        Map.of("FLY_API_URL", fly.url() + "/v1", "FLY_API_TOKEN", "f");
    new ImageDoctor(
            Doctors.of(
                DeploymentFile.parse(
                    "mcpist.yml",
                    "origins: [{name: fly, platform: fly, app: notes, url:"
                        + " \"https://b.example\"}]"),
                environment,
                time))
        .digests(known ? Optional.of(admin) : Optional.empty(), found);
    return found;
  }

  @Test
  void whatWasDeployedRuns() throws Exception {
    recorded(OLD, "succeeded");

    assertThat(examine(true))
        .containsExactly(Diagnosis.good("fly, digest", "000000000000, as deployed"));
    assertThat(examine(false)).isEqualTo(examine(true));
  }

  @Test
  void anotherOneThanWasDeployedIsBad() throws Exception {
    recorded(NEW, "succeeded");

    assertThat(examine(true))
        .singleElement()
        .satisfies(one -> assertThat(one.grade()).isEqualTo(Diagnosis.Grade.BAD))
        .satisfies(
            one ->
                assertThat(one.seen())
                    .isEqualTo("000000000000 runs, and 111111111111 was deployed"));
  }

  @Test
  void oneThatThePlatformHasMadeAnotherOfIsWeak() throws Exception {
    fly.resolvedTo(MACHINE, "sha256:" + "ab".repeat(32));

    assertThat(examine(false))
        .singleElement()
        .satisfies(one -> assertThat(one.grade()).isEqualTo(Diagnosis.Grade.WEAK))
        .satisfies(
            one ->
                assertThat(one.seen())
                    .isEqualTo(
                        "its platform has made abababababab of 000000000000, which was deployed"))
        .satisfies(one -> assertThat(one.advice()).contains("--provenance=false"));
  }

  @Test
  void whileSomebodyDeploysNothingIsCompared() throws Exception {
    recorded(NEW, "running");

    assertThat(examine(true)).isEmpty();
  }
}
