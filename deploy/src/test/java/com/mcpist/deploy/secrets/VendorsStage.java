package com.mcpist.deploy.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.ProductionSite.ProductionSecrets;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.release.StandInBooks;
import com.mcpist.deploy.secrets.Rotation.RotationStep;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.Sync.Result;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.vendor.CloudflareServer;
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
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** On the vendors' stand-ins: programs run with what those say that they have. */
abstract class VendorsStage {
  static final String SERVICE = "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b";
  static final String MACHINE = "148e21ea7d4589";
  static final String TOKEN = "a-vendors-token-that-nobody-may-see";
  static final String STRIPE = "STRIPE_SECRET_KEY";
  static final List<String> ORIGINS_HAVE = List.of("GATEWAY_SECRET", "ADMIN_TOKEN", "DATABASE_URL");

  @TempDir private Path folder;

  final TestTime time = TestTime.create();
  final StandInBooks books = new StandInBooks(time.clock());
  final KoyebServer koyeb =
      new KoyebServer(
          SERVICE,
          """
          {"name": "notes", "type": "WEB", "regions": ["fra"], "docker": {"image": "%s"},
           "env": [], "ports": [{"port": 8000, "protocol": "http"}],
           "scalings": [{"min": 1, "max": 1}]}
          """
              .formatted(Images.OLD));
  final FlyServer fly = new FlyServer("notes", time.clock());
  final CloudflareServer cloudflare =
      new CloudflareServer("notes", "example.com", "lb.example.com", List.of("a", "b"));
  final GitHubServer github = new GitHubServer("example/notes");
  final StandInProgram primary =
      new StandInProgram(SecretStage.PRIMARY, books, Map.of("GATEWAY_SECRET", "none yet"));
  final StandInProgram standby =
      new StandInProgram(SecretStage.STANDBY, books, Map.of("GATEWAY_SECRET", "none yet"));
  final StandInEdge worker = new StandInEdge(Map.of(), List.of(primary, standby));
  final Map<String, String> environment = new HashMap<>();
  String more = "";
  int onKoyeb = 1;
  int onFly = 1;

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

  synchronized void koyebRuns() {
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

  synchronized void flyRuns() {
    if (fly.configs(MACHINE).size() > onFly) {
      onFly = fly.configs(MACHINE).size();
      standby.running.clear();
      Stream.concat(ORIGINS_HAVE.stream(), Stream.of(STRIPE))
          .filter(name -> !fly.secret(name).isEmpty())
          .forEach(name -> standby.running.put(name, fly.secret(name)));
    }
  }

  synchronized void cloudflareRuns() {
    worker.running.clear();
    for (String name : ORIGINS_HAVE) {
      cloudflare.secret(name).ifPresent(value -> worker.running.put(name, value));
    }
  }

  ProductionSecrets production() throws Exception {
    Path file = folder.resolve("mcpist.yml");
    Files.writeString(
        file,
        """
        service: notes
        domain: notes.example.com
        auth: none
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

  Sync sync(boolean restart) throws Exception {
    ProductionSecrets production = production();
    return new Sync(
        production.site(Optional.of(worker.url())),
        production.source(),
        new ChangeOptions("bob", !restart, restart, Duration.ofMinutes(5), Duration.ofSeconds(5)),
        new SecretStage.Silent());
  }

  List<RotationStep> rotate(String name) throws Exception {
    ProductionSecrets production = production();
    return new Rotation(
            production.site(Optional.of(worker.url())),
            production.source(),
            production.writer(),
            new ChangeOptions("bob", false, true, Duration.ofMinutes(5), Duration.ofSeconds(5)),
            new SecretStage.Silent(),
            name)
        .run();
  }

  /** As the documentation has it: the secrets are stored, and then a release is brought out. */
  void firstDeployment() throws Exception {
    primary.healthy = false;
    standby.healthy = false;
    assertThat(sync(false).run()).extracting(SecretResult::result).containsOnly(Result.CREATED);
    for (Target target : production().site(Optional.empty()).site().targets()) {
      Platform platform = target.platform().orElseThrow();
      Wanted wanted = new Wanted(Images.NEW, Map.of(), Set.copyOf(ORIGINS_HAVE));
      try (Rollout rollout = platform.deploy(wanted, time.minutes(5))) {
        var _ = rollout.awaitHealthy(_ -> {}, time.minutes(5));
      }
    }
    primary.healthy = true;
    standby.healthy = true;
    assertThat(sync(true).run()).extracting(SecretResult::result).containsOnly(Result.UNCHANGED);
  }

  List<String> differing() throws Exception {
    ProductionSecrets production = production();
    return new Comparison(
            production.site(Optional.of(worker.url())),
            production.source(),
            production.ofWorkflows())
        .look().stream()
            .filter(drift -> !drift.good())
            .map(drift -> drift.program() + " " + drift.secret())
            .toList();
  }
}
