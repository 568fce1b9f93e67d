package com.mcpist.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.doctor.Doctor.Diagnosis.Grade;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.vendor.Fault;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.GitHubServer;
import com.mcpist.testkit.vendor.KoyebServer;
import com.mcpist.testkit.vendor.RegistryServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who can pull the image, and who may write its package. */
class ImageDoctorTest {
  private static final String PASSWORD = "registry-password-that-nobody-may-see";
  private static final String PACKAGE = "image, who may write it";

  private final TestTime time = TestTime.create();
  private final RegistryServer registry = new RegistryServer();
  private final GitHubServer gitHub = new GitHubServer("me/notes");
  private final FlyServer fly = new FlyServer("notes", time.clock());

  ImageDoctorTest() {
    registry.push("me/notes", "main", Images.OLD.digest().orElseThrow());
    fly.machine("148e21ea7d4589", "nrt", "{\"image\": \"%s\"}".formatted(Images.OLD));
  }

  @AfterEach
  void close() throws Exception {
    assertThat(gitHub.violations()).isEmpty();
    registry.close();
    gitHub.close();
    fly.close();
  }

  private ImageDoctor doctor(String flysImage, Map<String, String> environment) throws Exception {
    return new ImageDoctor(
        Doctors.of(
            DeploymentFile.parse(
                "mcpist.yml",
                """
                image: %s/me/notes:main
                origins:
                  - {name: koyeb, platform: koyeb, app: notes, service: s1, url: "https://a.example"}
                  - {name: fly, platform: fly, app: notes, url: "https://b.example"%s}
                """
                    .formatted(registry.name(), flysImage)),
            environment,
            time));
  }

  private Map<String, String> environment(KoyebServer koyeb) {
    Map<String, String> environment = new HashMap<>();
    environment.put("KOYEB_API_URL", koyeb.url().toString());
    environment.put("KOYEB_TOKEN", "k");
    environment.put("FLY_API_URL", fly.url() + "/v1");
    environment.put("FLY_API_TOKEN", "f");
    environment.put("REGISTRY_USER", "bob");
    environment.put("REGISTRY_TOKEN", PASSWORD);
    return environment;
  }

  private KoyebServer koyeb(String registrySecret) {
    return new KoyebServer(
        "s1",
        """
        {"name": "notes", "type": "WEB", "regions": ["fra"],
         "docker": {"image": "%s"%s},
         "ports": [{"port": 8000, "protocol": "http"}], "scalings": [{"min": 1, "max": 1}]}
        """
            .formatted(Images.OLD, registrySecret));
  }

  private List<String> examine(KoyebServer koyeb, String flysImage) throws Exception {
    List<Diagnosis> found = new ArrayList<>();
    doctor(flysImage, environment(koyeb)).examine(found);
    assertThat(koyeb.violations()).isEmpty();
    assertThat(found).allSatisfy(one -> assertThat(one.toString()).doesNotContain(PASSWORD));
    return found.stream()
        .map(one -> one.grade() + " " + one.subject() + ": " + one.seen())
        .toList();
  }

  @Test
  void aPublicImageIsPulledByEverybody() throws Exception {
    try (KoyebServer koyeb = koyeb("")) {
      assertThat(examine(koyeb, ""))
          .containsExactly(
              "GOOD image: " + registry.name() + "/me/notes@" + Images.OLD.digest().orElseThrow());
    }
  }

  @Test
  void aPrivateOneThatAPlatformCannotPullIsBad() throws Exception {
    registry.readableBy("bob", PASSWORD);
    try (KoyebServer koyeb = koyeb("")) {
      assertThat(examine(koyeb, ""))
          .contains(
              "BAD koyeb, pulling the image: it is private, and nothing is shown to its registry",
              "BAD fly, pulling the image: it is private, and nothing is shown to its registry");
    }
  }

  @Test
  void aRegistrySecretOrACopyOfItsOwnIsGood() throws Exception {
    registry.readableBy("bob", PASSWORD);
    try (KoyebServer koyeb = koyeb(", \"image_registry_secret\": \"ghcr\"")) {
      assertThat(examine(koyeb, ", image: registry.fly.io/notes"))
          .hasSize(2)
          .contains("GOOD koyeb, pulling the image: it is private; by the registry secret ghcr");
    }
  }

  private Diagnosis written(Map<String, String> more) throws Exception {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("GITHUB_API_URL", gitHub.url().toString());
    return doctor("", environment).written(ImageReference.parse("ghcr.io/me/notes:main"));
  }

  @Test
  void aPackageThatIsJoinedToTheRepositoryIsWrittenByItsWorkflows() throws Exception {
    gitHub.containerPackage("orgs/me", "notes", "me/notes");

    assertThat(written(Map.of("GITHUB_TOKEN", "t", "GITHUB_REPOSITORY", "Me/notes")))
        .isEqualTo(Diagnosis.good(PACKAGE, "the workflows of me/notes"));
    assertThat(written(Map.of("GITHUB_TOKEN", "t", "GITHUB_REPOSITORY", "me/other")))
        .satisfies(one -> assertThat(one.grade()).isEqualTo(Grade.BAD))
        .satisfies(one -> assertThat(one.advice()).contains("add me/other with the role Write"));
  }

  @Test
  void oneThatIsJoinedToNoneIsTold() throws Exception {
    gitHub.containerPackage("users/me", "notes", "");

    assertThat(written(Map.of("GITHUB_TOKEN", "t")))
        .satisfies(one -> assertThat(one.grade()).isEqualTo(Grade.WEAK))
        .satisfies(one -> assertThat(one.seen()).contains("joined to no repository"))
        .satisfies(one -> assertThat(one.advice()).contains("Manage Actions access"));
  }

  @Test
  void whatTheTokenMayNotSeeIsNotKnown() throws Exception {
    assertThat(written(Map.of()).seen()).isEqualTo("not known: GITHUB_TOKEN is not set");
    assertThat(written(Map.of("GITHUB_TOKEN", "t")).seen()).startsWith("not known: the token may");
    gitHub.fail("GET /users/.*", Fault.status(403, "{\"message\": \"read:packages is needed\"}"));
    assertThat(written(Map.of("GITHUB_TOKEN", "t")))
        .satisfies(one -> assertThat(one.grade()).isEqualTo(Grade.WEAK))
        .satisfies(one -> assertThat(one.seen()).contains("read:packages is needed"));
  }
}
