package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.ProductionSecrets;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Wanted;
import com.mcpist.deploy.release.StandInBooks;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Row.Result;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.vendor.CloudflareServer;
import com.mcpist.testkit.vendor.Fault;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.GitHubServer;
import com.mcpist.testkit.vendor.KoyebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** On the vendors' stand-ins: programs run with what those say that they have. */
class VendorsTest {
  private static final String SERVICE = "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b";
  private static final String MACHINE = "148e21ea7d4589";
  private static final String TOKEN = "a-vendors-token-that-nobody-may-see";
  private static final String STRIPE = "STRIPE_SECRET_KEY";
  private static final List<String> ORIGINS_HAVE =
      List.of("GATEWAY_SECRET", "ADMIN_TOKEN", "DATABASE_URL");

  @TempDir private Path folder;

  private final TestTime time = TestTime.create();
  private final StandInBooks books = new StandInBooks(time.clock());
  private final KoyebServer koyeb =
      new KoyebServer(
          SERVICE,
          """
          {"name": "notes", "type": "WEB", "regions": ["fra"], "docker": {"image": "%s"},
           "env": [], "ports": [{"port": 8000, "protocol": "http"}],
           "scalings": [{"min": 1, "max": 1}]}
          """
              .formatted(Images.OLD));
  private final FlyServer fly = new FlyServer("notes", time.clock());
  private final CloudflareServer cloudflare =
      new CloudflareServer("notes", "example.com", "lb.example.com", List.of("a", "b"));
  private final GitHubServer github = new GitHubServer("example/notes");
  private final StandInProgram primary =
      new StandInProgram(SecretStage.PRIMARY, books, Map.of("GATEWAY_SECRET", "none yet"));
  private final StandInProgram standby =
      new StandInProgram(SecretStage.STANDBY, books, Map.of("GATEWAY_SECRET", "none yet"));
  private final StandInEdge worker = new StandInEdge(Map.of(), List.of(primary, standby));
  private final Map<String, String> environment = new HashMap<>();
  private String more = "";
  private int onKoyeb = 1;
  private int onFly = 1;

  @BeforeEach
  void begin() throws Exception {
    fly.machine(
        MACHINE,
        "nrt",
        """
        {"image": "%s", "env": {}, "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256}}
        """
            .formatted(Images.OLD));
    environment.putAll(
        Map.of(
            "GATEWAY_SECRET",
            SecretStage.GATEWAY,
            "ADMIN_TOKEN",
            SecretStage.ADMIN,
            "DATABASE_URL",
            SecretStage.DATABASE,
            "KOYEB_TOKEN",
            TOKEN,
            "FLY_API_TOKEN",
            TOKEN,
            "CLOUDFLARE_API_TOKEN",
            TOKEN));
    environment.putAll(
        Map.of(
            "KOYEB_API_URL",
            koyeb.url().toString(),
            "FLY_API_URL",
            fly.url() + "/v1",
            "CLOUDFLARE_API_URL",
            cloudflare.url().toString(),
            "SECRETS_GITHUB_TOKEN",
            TOKEN,
            "GITHUB_REPOSITORY",
            "example/notes",
            "GITHUB_API_URL",
            github.url().toString()));
    cloudflare.uploadedBySomebodyElse();
    cloudflare.deployedBySomebodyElse();
    primary.platform = this::koyebRuns;
    standby.platform = this::flyRuns;
    worker.platform = this::cloudflareRuns;
    firstDeployment();
  }

  @AfterEach
  void everyRequestWasOneThatTheVendorsTake() throws IOException {
    for (var vendor : List.of(koyeb, fly, cloudflare, github)) {
      assertThat(vendor.violations()).isEmpty();
      vendor.close();
    }
    primary.close();
    standby.close();
    worker.close();
  }

  private synchronized void koyebRuns() {
    if (koyeb.deployments() > onKoyeb) {
      onKoyeb = koyeb.deployments();
      primary.running.clear();
      for (JsonNode variable : koyeb.serving().path("env")) {
        koyeb
            .secret(variable.path("secret").asString(""))
            .ifPresent(value -> primary.running.put(variable.path("key").asString(), value));
      }
    }
  }

  private synchronized void flyRuns() {
    if (fly.configs(MACHINE).size() > onFly) {
      onFly = fly.configs(MACHINE).size();
      standby.running.clear();
      Stream.concat(ORIGINS_HAVE.stream(), Stream.of(STRIPE))
          .filter(name -> !fly.secret(name).isEmpty())
          .forEach(name -> standby.running.put(name, fly.secret(name)));
    }
  }

  private synchronized void cloudflareRuns() {
    worker.running.clear();
    for (String name : ORIGINS_HAVE) {
      cloudflare.secret(name).ifPresent(value -> worker.running.put(name, value));
    }
  }

  private ProductionSecrets production() throws Exception {
    Path file = folder.resolve("mcpist.yml");
    Files.writeString(
        file,
        """
        service: notes
        domain: notes.example.com
        origins:
          - name: koyeb-primary
            platform: koyeb
            app: notes
            service: %s
            url: %s
          - name: flyio-standby
            platform: fly
            app: notes
            url: %s
        cloudflare:
          account: %s
          worker: notes
        secrets:
          GATEWAY_SECRET: [worker, origins]
          ADMIN_TOKEN: [worker, origins]
          DATABASE_URL: [origins]
          KOYEB_TOKEN: [ci]
        %s\
        """
            .formatted(SERVICE, primary.url(), standby.url(), CloudflareServer.ACCOUNT, more));
    Deployment deployment = DeploymentFile.find(folder);
    Platforms platforms = new Platforms(environment, "bob", time);
    return new ProductionSecrets(
        new ProductionSite(deployment, environment, platforms, time), Duration.ofMinutes(1));
  }

  private Sync sync(boolean restart) throws Exception {
    ProductionSecrets production = production();
    return new Sync(
        production.site(Optional.of(worker.url())),
        production.source(),
        new Order("bob", !restart, restart, Duration.ofMinutes(5), Duration.ofSeconds(5)),
        new SecretStage.Silent());
  }

  private List<Step> rotate(String name) throws Exception {
    ProductionSecrets production = production();
    return new Rotation(
            production.site(Optional.of(worker.url())),
            production.vault(),
            new Order("bob", false, true, Duration.ofMinutes(5), Duration.ofSeconds(5)),
            new SecretStage.Silent(),
            name)
        .run();
  }

  /** As the documentation has it: the secrets are stored, and then a release is brought out. */
  private void firstDeployment() throws Exception {
    primary.healthy = false;
    standby.healthy = false;
    assertThat(sync(false).run()).extracting(Row::result).containsOnly(Result.CREATED);
    for (Target target : production().site(Optional.empty()).site().targets()) {
      Platform platform = target.platform().orElseThrow();
      Wanted wanted = new Wanted(Images.NEW, Map.of(), Set.copyOf(ORIGINS_HAVE));
      try (Rollout rollout = platform.deploy(wanted, time.minutes(5))) {
        var _ = rollout.awaitHealthy(_ -> {}, time.minutes(5));
      }
    }
    primary.healthy = true;
    standby.healthy = true;
    assertThat(sync(true).run()).extracting(Row::result).containsOnly(Result.UNCHANGED);
  }

  @Test
  void whatSomebodyHasChangedByHandIsFoundAndMended() throws Exception {
    primary.running.put("DATABASE_URL", "postgres://somebody:else-entirely@elsewhere/notes");

    assertThat(differing()).containsExactly("koyeb-primary DATABASE_URL");
    assertThat(sync(true).run())
        .filteredOn(row -> row.result() != Result.UNCHANGED)
        .extracting(row -> row.holder() + " " + row.secret())
        .containsExactly("koyeb-primary DATABASE_URL");
    assertThat(differing()).isEmpty();
    assertThat(onFly).isEqualTo(2);
  }

  @Test
  void aNameThatWasOnlyStoredWhenItBrokeOffIsMadeKnownByTheNextRun() throws Exception {
    more = "  " + STRIPE + ": [origins]\n";
    environment.put(STRIPE, "sk_live_of_nobody_at_all_0123456789");
    for (Target target : production().site(Optional.empty()).site().targets()) {
      var _ =
          target
              .platform()
              .orElseThrow()
              .putSecrets(
                  Map.of(STRIPE, Secret.of(environment.getOrDefault(STRIPE, ""))), time.minutes(5));
    }

    assertThat(sync(true).run())
        .filteredOn(row -> row.secret().equals(STRIPE))
        .extracting(Row::result)
        .containsOnly(Result.CHANGED);
    assertThat(primary.running).containsEntry(STRIPE, environment.get(STRIPE));
    assertThat(standby.running).containsEntry(STRIPE, environment.get(STRIPE));
    assertThat(sync(true).run()).extracting(Row::result).containsOnly(Result.UNCHANGED);
  }

  @Test
  void aTokenThatIsNotGoodDoesNotReplaceOneThatIs() throws Exception {
    environment.put("KOYEB_TOKEN_NEXT", "a-token-that-somebody-has-mistyped");
    koyeb.fail("GET /v1/services/.*", Fault.status(401, "{\"message\":\"no\"}"));

    assertThatExceptionOfType(SecretsException.class)
        .isThrownBy(() -> rotate("KOYEB_TOKEN"))
        .withMessageContaining("the new KOYEB_TOKEN is not good: koyeb: ")
        .withMessageNotContaining("mistyped");
    assertThat(github.secret("KOYEB_TOKEN")).isEmpty();

    var _ = rotate("KOYEB_TOKEN");
    assertThat(github.secret("KOYEB_TOKEN")).contains("a-token-that-somebody-has-mistyped");
  }

  private List<String> differing() throws Exception {
    ProductionSecrets production = production();
    return new Comparison(
            production.site(Optional.of(worker.url())),
            production.source(),
            production.ofWorkflows())
        .look().stream()
            .filter(drift -> !drift.good())
            .map(drift -> drift.holder() + " " + drift.secret())
            .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GATEWAY_SECRET", "ADMIN_TOKEN"})
  void aRotationEndsWithOneNewValueEverywhere(String name) throws Exception {
    String before = environment.getOrDefault(name, "");

    var _ = rotate(name);

    String value = github.secret(name).orElseThrow();
    assertThat(value).hasSize(64).isNotEqualTo(before);
    assertThat(github.secret(name + "_NEXT")).isEmpty();
    assertThat(cloudflare.secret(name)).contains(value);
    assertThat(fly.secret(name)).isEqualTo(value);
    assertThat(primary.running).containsEntry(name, value);
    environment.put(name, value); // As the next workflow has it.
    assertThat(differing()).isEmpty();
  }

  @Test
  void aVendorThatFailsInTheMiddleStopsItAndTheSameCommandFinishes() throws Exception {
    cloudflare.fail("PUT .*/secrets", Fault.status(403, "{\"success\":false,\"errors\":[]}"));

    assertThatExceptionOfType(SecretsException.class)
        .isThrownBy(() -> rotate("GATEWAY_SECRET"))
        .withMessageContaining("cloudflare: ")
        .withMessageNotContaining(SecretStage.GATEWAY)
        .withMessageNotContaining(TOKEN);
    assertThat(books.isLocked()).isFalse();
    String next = github.secret("GATEWAY_SECRET_NEXT").orElseThrow();
    assertThat(primary.running.get("GATEWAY_SECRET")).isEqualTo(SecretStage.GATEWAY + "," + next);

    assertThatExceptionOfType(SecretsException.class)
        .as("a workflow that does not hand it on must not make another")
        .isThrownBy(() -> rotate("GATEWAY_SECRET"))
        .withMessageContaining("GATEWAY_SECRET");
    assertThat(github.secret("GATEWAY_SECRET_NEXT")).contains(next);

    environment.put("GATEWAY_SECRET_NEXT", next);
    var _ = rotate("GATEWAY_SECRET");
    assertThat(github.secret("GATEWAY_SECRET")).contains(next);
    assertThat(cloudflare.secret("GATEWAY_SECRET")).contains(next);
    assertThat(fly.secret("GATEWAY_SECRET")).isEqualTo(next);
  }
}
