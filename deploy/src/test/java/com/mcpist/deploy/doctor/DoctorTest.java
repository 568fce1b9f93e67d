package com.mcpist.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.doctor.Doctor.Diagnosis.Grade;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.KoyebServer;
import com.mcpist.testkit.vendor.RegistryServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DoctorTest {
  private static final String DIGEST = Images.OLD.digest().orElseThrow();
  private static final String SERVICE = "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b";

  private final TestTime time = TestTime.create();
  private final FaultServer origin = FaultServer.start();
  private final KoyebServer koyeb =
      new KoyebServer(
          SERVICE,
          """
          {"name": "notes", "type": "WEB", "regions": ["fra"], "docker": {"image": "%s"},
           "ports": [{"port": 8000, "protocol": "http"}], "scalings": [{"min": 1, "max": 1}]}
          """
              .formatted(Images.OLD));
  private final FlyServer fly = new FlyServer("notes", time.clock());
  private final RegistryServer registry = new RegistryServer();

  DoctorTest() {
    registry.push("me/notes", DIGEST, DIGEST);
    fly.machine("148e21ea7d4589", "nrt", "{\"image\": \"%s\"}".formatted(Images.OLD));
    origin.always(
        Behaviour.answer(
            200, "{\"status\":\"ok\",\"release\":\"1\",\"instance\":\"a\",\"lock\":null}"));
  }

  @AfterEach
  void close() throws Exception {
    assertThat(koyeb.violations()).isEmpty();
    assertThat(fly.violations()).isEmpty();
    koyeb.close();
    fly.close();
    registry.close();
    origin.close();
  }

  @Test
  void whatTheConnectionsToTheDatabaseAreIsSaid() throws Exception {
    origin.always(
        Behaviour.answer(
            200,
            """
            {"status": "ok", "release": "1", "instance": "a", "lock": null,
             "database": {"latencyMillis": 1, "schemaVersion": 2, "connections": {
               "DATABASE_URL": {"told": "TLSv1.3; verified", "trusted": true},
               "MIGRATION_DATABASE_URL": {"told": "no\\nTLS", "trusted": false}}}}
            """));

    List<Diagnosis> found = examine(Map.of("GATEWAY_SECRET", "g".repeat(40)));

    for (String name : List.of("koyeb-primary", "flyio-standby")) {
      assertThat(found)
          .contains(new Diagnosis(Grade.GOOD, name + ", DATABASE_URL", "TLSv1.3; verified", ""));
      assertThat(found)
          .filteredOn(one -> one.subject().equals(name + ", MIGRATION_DATABASE_URL"))
          .singleElement()
          .satisfies(
              one -> {
                assertThat(one.grade()).isEqualTo(Grade.WEAK);
                assertThat(one.seen()).isEqualTo("no?TLS");
                assertThat(one.advice()).contains("sslmode=verify-full");
              });
    }
  }

  private List<Diagnosis> examine(Map<String, String> environment) throws Exception {
    Map<String, String> all = new HashMap<>(environment);
    all.put("KOYEB_API_URL", koyeb.url().toString());
    all.put("FLY_API_URL", fly.url() + "/v1");
    List<String> looked = new ArrayList<>();
    List<Diagnosis> found =
        new Doctor(
                DeploymentFile.parse(
                    "mcpist.yml",
                    """
                    service: notes
                    image: %s
                    origins:
                      - {name: koyeb-primary, platform: koyeb, app: notes, service: %s, url: "%s"}
                      - {name: flyio-standby, platform: fly, app: notes, url: "http://localhost:%d"}
                    secrets:
                      GATEWAY_SECRET: [worker, origins]
                    """
                        .formatted(
                            registry.name() + "/me/notes@" + DIGEST,
                            SERVICE,
                            origin.url(),
                            origin.port())),
                all,
                new Platforms(all, "bob", time),
                looked::add,
                time)
            .examine();
    assertThat(looked).contains("koyeb-primary", "flyio-standby", "the edge");
    return found;
  }

  @Test
  void whatIsThereIsGoodAndWhatIsNotIsWeakOrBadWithAdvice() throws Exception {
    List<Diagnosis> found =
        examine(
            Map.of(
                "GATEWAY_SECRET",
                "g".repeat(40),
                "ADMIN_TOKEN",
                "a".repeat(40),
                "KOYEB_TOKEN",
                "k",
                "FLY_API_TOKEN",
                "f"));

    assertThat(found).filteredOn(one -> one.grade() == Grade.BAD).isEmpty();
    assertThat(found)
        .filteredOn(one -> one.grade() == Grade.WEAK)
        .extracting(Diagnosis::subject)
        .containsExactly(
            "koyeb-primary on koyeb, secrets",
            "flyio-standby on fly, secrets",
            "API keys",
            "edge",
            "notifications");
    assertThat(found)
        .filteredOn(one -> one.grade() != Grade.GOOD)
        .allSatisfy(one -> assertThat(one.advice()).isNotEmpty());
  }

  @Test
  void whatAnOriginAndTheEdgeTellOfThemselvesIsWeak() throws Exception {
    origin.handle(
        request ->
            Behaviour.answer(
                200,
                request.target().equals("/status")
                    ? "{\"origins\":[],\"clockSkewMillis\":-61000}"
                    : "{\"status\":\"ok\",\"instance\":\"a\",\"lock\":null,\"problems\":[\"x\"]}"));
    List<Diagnosis> found =
        examine(
            Map.of(
                "GATEWAY_SECRET", "g".repeat(40),
                "ADMIN_TOKEN", "a".repeat(40),
                "EDGE_ADMIN_URL", origin.url(),
                "EDGE_ADMIN_TOKEN", "e".repeat(40)));

    assertThat(found)
        .filteredOn(one -> one.grade() == Grade.WEAK)
        .extracting(Diagnosis::seen)
        .contains("healthy; x", "its clock is 61 s behind the database's");
  }

  @Test
  void whatIsNotSetIsNamedAndWhatIsSetIsNeverShown() throws Exception {
    List<Diagnosis> found =
        examine(Map.of("GATEWAY_SECRET", "short-and-secret", "FLY_API_TOKEN", "f"));

    assertThat(found)
        .filteredOn(one -> one.grade() == Grade.BAD)
        .extracting(Diagnosis::subject)
        .containsExactly("GATEWAY_SECRET", "ADMIN_TOKEN", "koyeb-primary on koyeb");
    assertThat(found.toString()).contains("KOYEB_TOKEN").doesNotContain("short-and-secret");
  }
}
