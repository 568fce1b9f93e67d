package com.mcpist.pair.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.deploy.secret.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

class ChildEnvironmentTest {
  private static final URI ADMIN = URI.create("unix:/run/edge.sock");
  private static final URI ONE = URI.create("unix:/run/1.sock");
  private static final URI TWO = URI.create("unix:/run/2.sock");
  private static final Mounts MOUNTS =
      Mounts.parse(
          "f",
          """
          {"mcpServers": {"x": {"url": "https://x.example", "headers": {"A": "Bearer ${X_TOKEN}"}},
                          "y": {"command": "y", "env": {"T": "${Y_TOKEN_{user}}"}}}}
          """);

  private final ObjectMapper json = JsonMapper.builder().build();

  @Test
  void theEdgeIsToldWhatTheFileSays() throws Exception {
    Deployment deployment =
        DeploymentFile.parse(
            "f",
            """
            origins: [{name: one}, {name: two}]
            monitor: {interval: 2s, timeout: 500ms}
            edge: {max_body: 1KiB, hold_down: 1500ms, public_status: true}
            """);
    Map<String, String> environment =
        ChildEnvironment.edge(
            options(deployment, Map.of()),
            new ChildEnvironment.EdgeValues(
                8080, List.of(ONE, TWO), Set.of("two"), Secret.of("gate"), Secret.of("admin")),
            ADMIN);

    JsonNode config = json.readTree(environment.get("EDGE_CONFIG"));
    assertThat(config)
        .isEqualTo(
            json.readTree(
                """
                {"host": "127.0.0.1", "port": 8080, "adminSocket": "/run/edge.sock",
                 "origins": [{"name": "one", "url": "unix:/run/1.sock"},
                             {"name": "two", "url": "unix:/run/2.sock", "drained": true}],
                 "monitor": {"intervalSeconds": 2, "timeoutSeconds": 0.5,
                             "retries": 2, "consecutiveDown": 2, "consecutiveUp": 3},
                 "edge": {"waitSeconds": 10, "connectTimeoutMillis": 1000,
                          "idleTimeoutMillis": 3000, "maxBodyBytes": 1024,
                          "holdDownSeconds": 1.5, "holdDownMaxSeconds": 60},
                 "publicStatus": true, "auth": "none", "limits": "none"}
                """));
    assertThat(environment)
        .containsEntry("GATEWAY_SECRET", "gate")
        .containsEntry("EDGE_ADMIN_TOKEN", "admin")
        .containsEntry("EDGE_JOURNAL", Path.of("data/run").toAbsolutePath().toString());
    assertThat(environment.get("EDGE_CONFIG")).doesNotContain("gate", "admin\"");
  }

  @Test
  void whomTheEdgeLetsInIsAsTheFileSaysUnderTheNameThatClientsUse() throws Exception {
    Deployment deployment =
        DeploymentFile.parse("f", "origins: [{name: one}]\nauth: {}\nlimits: {user_burst: 9}\n");
    PairOptions options = options(deployment, Map.of());

    JsonNode config =
        json.readTree(
            ChildEnvironment.edge(
                    options,
                    new ChildEnvironment.EdgeValues(
                        8080, List.of(ONE), Set.of(), Secret.of("gate"), Secret.of("admin")),
                    ADMIN)
                .get("EDGE_CONFIG"));

    assertThat(config.path("auth"))
        .isEqualTo(json.readTree("{\"resource\": \"http://localhost:8080/mcp\", \"keys\": true}"));
    assertThat(config.path("limits").path("userBurst").asInt()).isEqualTo(9);
    assertThat(ChildEnvironment.inherited(options)).doesNotContainKey("LIMITS");
  }

  @Test
  void theFirstOriginIsThePrimaryWhereTheFileDoesNotSay() throws Exception {
    Deployment deployment = DeploymentFile.parse("f", "origins: [{name: one}, {name: two}]");
    PairOptions options =
        options(deployment, Map.of("PATH", "/bin", "SECRET", "x", "MODULE_COUNTER_MOST", "9"));

    assertThat(ChildEnvironment.inherited(options))
        .containsOnly(
            Map.entry("PATH", "/bin"),
            Map.entry("MODULE_COUNTER_MOST", "9"),
            Map.entry("LIMITS", "off"));
    assertThat(ChildEnvironment.released(options, 0, "sha256:d"))
        .containsOnly(
            Map.entry("ENVIRONMENT", "production-primary"),
            Map.entry("LOG_PREFIX", "[one]"),
            Map.entry("RELEASE", "r1"),
            Map.entry("IMAGE_DIGEST", "sha256:d"));
    assertThat(ChildEnvironment.released(options, 1, "sha256:d"))
        .containsEntry("ENVIRONMENT", "production-standby");
  }

  @Test
  void whatTheSupervisorSetsIsNoReleases() {
    KnownSecrets secrets = KnownSecrets.random();
    String gateway = secrets.current("GATEWAY_SECRET").reveal();
    String admin = secrets.current("ADMIN_TOKEN").reveal();
    Map<String, String> hosted = ChildEnvironment.hosted(ONE, Map.of("DATABASE_URL", "d"), secrets);

    assertThat(hosted)
        .containsOnly(
            Map.entry("DATABASE_URL", "d"),
            Map.entry("SOCKET", "/run/1.sock"),
            Map.entry("GATEWAY_SECRET", gateway),
            Map.entry("ADMIN_TOKEN", admin),
            Map.entry("LOG_FORMAT", ""));
    Map<String, String> inherited =
        Map.of("PATH", "/bin", "SUPABASE_KEY", "k", "X_TOKEN", "x", "MODULE_COUNTER_MOST", "9");
    assertThat(ChildEnvironment.secrets(DeploymentFile.builtIn().with(MOUNTS), inherited, hosted))
        .containsOnly(
            Map.entry("SUPABASE_KEY", "k"),
            Map.entry("X_TOKEN", "x"),
            Map.entry("MODULE_COUNTER_MOST", "9"),
            Map.entry("GATEWAY_SECRET", gateway),
            Map.entry("ADMIN_TOKEN", admin),
            Map.entry("DATABASE_URL", "d"));
  }

  @Test
  void anOriginGetsTheMountsAndTheVariablesToWhichTheyRefer() throws Exception {
    Deployment deployment = DeploymentFile.builtIn().with(MOUNTS);
    Map<String, String> caller =
        Map.of("X_TOKEN", "x", "Y_TOKEN_ALICE", "y", "Z_TOKEN", "z", "EDITOR", "vi");
    PairOptions options = options(deployment, caller);

    assertThat(ChildEnvironment.released(options, 0, "d"))
        .containsEntry("MOUNTS", MOUNTS.root().toString());
    assertThat(ChildEnvironment.inherited(options))
        .containsOnly(
            Map.entry("X_TOKEN", "x"), Map.entry("Y_TOKEN_ALICE", "y"), Map.entry("LIMITS", "off"));
  }

  @Test
  void whatAnotherSupervisorNeedsIsWhatIsUsedAndNothingElse() throws Exception {
    Map<String, String> caller =
        Map.of(
            "X_TOKEN",
            "x",
            "DATABASE_URL",
            "d",
            "PATH",
            "/bin",
            "XDG_CACHE_HOME",
            "/c",
            "AWS",
            "a");
    PairOptions options = options(DeploymentFile.builtIn().with(MOUNTS), caller);

    assertThat(ChildEnvironment.used(options)).hasSize(4).doesNotContainKey("AWS");
    assertThat(PairOptions.variables(options.deployment(), caller))
        .containsOnly(Map.entry("X_TOKEN", "x"), Map.entry("DATABASE_URL", "d"));
    assertThat(ChildEnvironment.inherited(options)).doesNotContainKey("DATABASE_URL");
  }

  @Test
  void originsAndTheEdgeGetTheAddressesOfAlerts() throws Exception {
    Deployment deployment =
        DeploymentFile.parse(
            "f", "origins: [{name: one}]\nalerts: [{name: a, type: ntfy, secret: A_URL}]");
    PairOptions options = options(deployment, Map.of("A_URL", "https://x/t", "B_URL", "b"));
    ChildEnvironment.EdgeValues values =
        new ChildEnvironment.EdgeValues(1, List.of(ONE), Set.of(), Secret.of("g"), Secret.of("a"));

    assertThat(ChildEnvironment.inherited(options)).containsEntry("A_URL", "https://x/t");
    String alerts =
        "{\"service\":\"mcpist\",\"webhooks\":[{\"name\":\"a\",\"type\":\"ntfy\","
            + "\"secret\":\"A_URL\"}]}";
    assertThat(ChildEnvironment.released(options, 0, "d")).containsEntry("ALERTS", alerts);
    Map<String, String> edge = ChildEnvironment.edge(options, values, ADMIN);
    assertThat(edge).containsEntry("A_URL", "https://x/t").doesNotContainKey("B_URL");
    assertThat(edge.get("EDGE_CONFIG")).contains("\"alerts\":" + alerts);
    assertThat(ChildEnvironment.secrets(deployment, Map.of("A_URL", "x"), Map.of()))
        .containsOnlyKeys("A_URL");
  }

  @Test
  void originsAndTheEdgeGetWhereTracesGo() throws Exception {
    Map<String, String> caller =
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x", "OTEL_EXPORTER_OTLP_HEADERS", "a=b");
    PairOptions options = options(DeploymentFile.builtIn(), caller);
    ChildEnvironment.EdgeValues values =
        new ChildEnvironment.EdgeValues(1, List.of(ONE), Set.of(), Secret.of("g"), Secret.of("a"));

    assertThat(ChildEnvironment.inherited(options)).containsAllEntriesOf(caller);
    assertThat(ChildEnvironment.edge(options, values, ADMIN)).containsAllEntriesOf(caller);
    assertThat(ChildEnvironment.secrets(options.deployment(), caller, Map.of()))
        .containsExactlyInAnyOrderEntriesOf(caller);
  }

  private static PairOptions options(Deployment deployment, Map<String, String> environment)
      throws Exception {
    return new PairOptions(
        Path.of("app"),
        Path.of("data"),
        0,
        "r1",
        deployment,
        Guard.onThisMachine(deployment, environment),
        environment,
        PairOptions.Links.DIRECT,
        Optional.empty());
  }
}
