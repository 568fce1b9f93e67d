package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.Deployment.Alert;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.config.Deployment.Edge;
import com.mcpist.deploy.config.Deployment.Monitor;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.image.ImageReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeploymentFileTest {
  static final Monitor MONITOR =
      new Monitor(
          "/health",
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          2,
          2,
          3,
          "\"status\":\"ok\"",
          200);
  static final Edge EDGE =
      new Edge(
          Edge.Failover.WORKER,
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          4 * 1024 * 1024,
          Duration.ofSeconds(3),
          Duration.ofSeconds(60),
          false);

  private static final String ONE = "origins:\n  - name: one\n";

  @Test
  void theBuiltInFileDescribesThePairAndItsDefaults() {
    Deployment pair = DeploymentFile.builtIn();

    assertThat(pair.service()).isEqualTo("mcpist");
    assertThat(pair.originNames()).containsExactly("koyeb-primary", "flyio-standby");
    assertThat(pair.origins().get(0).env())
        .containsEntry("ENVIRONMENT", "production-primary")
        .containsEntry("LOG_PREFIX", "[koyeb]");
    assertThat(pair.origins().get(1).env())
        .containsEntry("ENVIRONMENT", "production-standby")
        .containsEntry("LOG_PREFIX", "[flyio]");
    assertThat(pair.monitor()).isEqualTo(MONITOR);
    assertThat(pair.edge()).isEqualTo(EDGE);
  }

  @Test
  void whatIsAbsentHasItsDefault() throws ConfigException {
    Deployment deployment = DeploymentFile.parse("f", ONE);

    assertThat(deployment.monitor()).isEqualTo(MONITOR);
    assertThat(deployment.edge()).isEqualTo(EDGE);
    assertThat(deployment.origins().getFirst().url()).isEmpty();
    assertThat(DeploymentFile.parse("f", "# nothing\n")).isEqualTo(DeploymentFile.builtIn());
  }

  /** As the page on authentication has them. */
  @Test
  void aPairThatAsksForKeysNeedsNothingElse() throws Exception {
    Path page = Path.of(System.getProperty("mcpist.root"), "docs/operations/authentication.md");
    List<Deployment> examples =
        Pattern.compile("(?sm)^( *)```yaml\n(.*?)^\\1```")
            .matcher(Files.readString(page))
            .results()
            .map(found -> found.group(2).indent(-found.group(1).length()))
            .map(text -> DeploymentFile.parse("f", text))
            .toList();

    assertThat(examples).hasSize(4);
    assertThat(examples.getFirst().auth()).contains(Auth.KEYS);
    assertThat(examples)
        .extracting(Deployment::originNames)
        .containsOnly(DeploymentFile.builtIn().originNames());
  }

  @Test
  void anOriginOnAHostHasWhatIsUsualWhereNothingIsSaid() throws ConfigException {
    String origin = "origins: [{name: a, platform: ssh, host: %s, url: 'https://x.example'%s}]";

    assertThat(
            DeploymentFile.parse("f", "service: notes\n" + origin.formatted("me@x", ""))
                .origins()
                .getFirst()
                .hosting())
        .isEqualTo(
            new Hosting.Ssh(
                "me@x", "notes", new Hosting.Ssh.Listen("127.0.0.1", 8000), Optional.empty()));
    assertThat(
            DeploymentFile.parse(
                    "f",
                    origin.formatted(
                        "'ssh://me@x:2222'",
                        ", app: mine, listen: '0.0.0.0:9000', container: docker"))
                .origins()
                .getFirst()
                .hosting())
        .isEqualTo(
            new Hosting.Ssh(
                "ssh://me@x:2222",
                "mine",
                new Hosting.Ssh.Listen("0.0.0.0", 9000),
                Optional.of("docker")));
  }

  @Test
  void everyValueIsRead() throws ConfigException {
    Deployment deployment =
        DeploymentFile.parse(
            "f",
            """
            service: notes
            domain: notes.example.com
            image: ghcr.io/me/notes:main
            origins:
              - name: one
                platform: fly
                app: notes
                machines: [a1, b2]
                region: nrt
                image: registry.fly.io/notes
                url: https://one.example.com
                env: {ENVIRONMENT: production-standby, FLAG: 7}
            monitor:
              path: /ready
              interval: 1m
              timeout: 250ms
              retries: 0
              consecutive_down: 4
              consecutive_up: 5
              expected_body: fine
              expected_code: 204
            edge:
              wait: 7s
              connect_timeout: 400ms
              idle_timeout: 2s
              max_body: 512KiB
              failover: load_balancer
              hold_down: 500ms
              hold_down_max: 20s
              public_status: true
            cloudflare:
              account: 0123456789abcdef0123456789abcdef
              worker: notes-edge
              load_balancer: lb.example.com
            secrets:
              GATEWAY_SECRET: [worker, origins]
              FLY_API_TOKEN: [ci]
            notifications:
              webhook: HOOK
            alerts:
              - {name: team, type: ntfy, secret: TOPIC}
              - {name: program, type: json, secret: FLY_API_TOKEN}
            """);

    Origin origin = deployment.origins().getFirst();
    assertThat(deployment.service()).isEqualTo("notes");
    assertThat(deployment.domain()).contains("notes.example.com");
    assertThat(deployment.image()).contains(ImageReference.parse("ghcr.io/me/notes:main"));
    assertThat(origin.hosting())
        .isEqualTo(new Hosting.Fly("notes", List.of("a1", "b2"), Optional.of("nrt")));
    assertThat(origin.image()).contains(ImageReference.parse("registry.fly.io/notes"));
    assertThat(origin.url()).contains("https://one.example.com");
    assertThat(origin.env())
        .containsEntry("FLAG", "7")
        .containsEntry("ENVIRONMENT", "production-standby");
    assertThat(deployment.monitor())
        .isEqualTo(
            new Monitor(
                "/ready", Duration.ofMinutes(1), Duration.ofMillis(250), 0, 4, 5, "fine", 204));
    assertThat(deployment.edge())
        .isEqualTo(
            new Edge(
                Edge.Failover.LOAD_BALANCER,
                Duration.ofSeconds(7),
                Duration.ofMillis(400),
                Duration.ofSeconds(2),
                512 * 1024,
                Duration.ofMillis(500),
                Duration.ofSeconds(20),
                true));
    assertThat(deployment.cloudflare())
        .contains(
            new Cloudflare(
                "0123456789abcdef0123456789abcdef", "notes-edge", Optional.of("lb.example.com")));
    assertThat(deployment.secretsFor(SecretTarget.ORIGINS))
        .containsExactly("GATEWAY_SECRET", "TOPIC");
    assertThat(deployment.secretsFor(SecretTarget.WORKER))
        .containsExactly("GATEWAY_SECRET", "TOPIC");
    assertThat(deployment.alerts().orElseThrow())
        .containsExactly(
            new Alert("team", "ntfy", "TOPIC"), new Alert("program", "json", "FLY_API_TOKEN"));
    assertThat(deployment.envOf(origin).get("ALERTS"))
        .startsWith("{\"service\":\"notes\",\"webhooks\":[{\"name\":\"team\",");
    assertThat(
            DeploymentFile.parse("f", "origins: [{name: a}]\nalerts: []").alertsJson().toString())
        .isEqualTo("{\"service\":\"mcpist\",\"webhooks\":[]}");
    assertThat(deployment.secretsFor(SecretTarget.CI)).containsExactly("FLY_API_TOKEN");
    assertThat(deployment.notifications())
        .isEqualTo(new Deployment.Notifications(Optional.of("HOOK")));
  }

  @Test
  void originsAreToldWhatIsSoldAndHaveItsSecrets() {
    Deployment deployment =
        DeploymentFile.parse(
            "f",
            """
            domain: notes.example.com
            origins: [{name: a, env: {A: b}}]
            billing:
              stripe:
                plans: {team: price_2, pro: price_1}
                metered: {pro: price_3}
                meter: calls
            """);

    assertThat(deployment.envOf(deployment.origins().getFirst()))
        .containsEntry(
            "BILLING",
            "{\"plans\":{\"team\":\"price_2\",\"pro\":\"price_1\"},\"metered\":{\"pro\":\"price_3\"},"
                + "\"meter\":\"calls\",\"free\":\"standard\",\"graceDays\":7,\"tax\":false,"
                + "\"tools\":false,\"returnUrl\":\"https://notes.example.com/\"}");
    assertThat(deployment.secretsFor(SecretTarget.ORIGINS))
        .containsExactly("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET");
  }

  @Test
  void theWorkerIsCalledAsTheServiceWhereNothingElseIsSaid() throws ConfigException {
    Deployment deployment =
        DeploymentFile.parse(
            "f",
            ONE
                + "service: notes\ndomain: notes.example.com\n"
                + "cloudflare: {account: 0123456789abcdef0123456789abcdef}");

    assertThat(deployment.cloudflare())
        .contains(new Cloudflare("0123456789abcdef0123456789abcdef", "notes", Optional.empty()));
  }

  @Test
  void aServiceOnKoyebIsRead() throws ConfigException {
    Deployment deployment =
        DeploymentFile.parse(
            "f",
            "origins: [{name: one, platform: koyeb, app: a, service: b, url:"
                + " 'https://o.example'}]");

    assertThat(deployment.origins().getFirst().hosting()).isEqualTo(new Hosting.Koyeb("a", "b"));
  }

  @Test
  void thisMachineNeedsNoEncryption() throws ConfigException {
    assertThat(
            DeploymentFile.parse("f", "origins: [{name: a, url: 'http://127.0.0.1:8080'}]")
                .origins()
                .getFirst()
                .url())
        .contains("http://127.0.0.1:8080");
  }

  @Test
  void aFolderWithoutAFileHasTheBuiltInDeployment(@TempDir Path folder) throws Exception {
    assertThat(DeploymentFile.find(folder)).isEqualTo(DeploymentFile.builtIn());

    Files.writeString(folder.resolve("mcpist.yml"), ONE);

    assertThat(DeploymentFile.find(folder).originNames()).containsExactly("one");
  }

  @Test
  void aFileThatIsNoTextIsRejected(@TempDir Path folder) throws Exception {
    Files.write(folder.resolve("mcpist.yml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.find(folder))
        .withMessageContaining("mcpist.yml: cannot be read");
  }
}
