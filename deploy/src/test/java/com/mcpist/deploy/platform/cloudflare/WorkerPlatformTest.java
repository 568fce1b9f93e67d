package com.mcpist.deploy.platform.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.testkit.vendor.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WorkerPlatformTest extends CloudflareTest {
  private static final String SCRIPT =
      "/accounts/0123456789abcdef0123456789abcdef/workers/scripts/notes";
  private static final String LOGS_ARE_KEPT = "PATCH " + SCRIPT + "/script-settings: logs are kept";

  @Test
  void theFirstReleaseMakesTheWorkerWithAllThatItNeeds() throws Exception {
    assertThat(worker.current(deadline)).isEmpty();
    assertThat(worker.preview(ONE, deadline))
        .containsExactly("PUT " + SCRIPT + ": one", LOGS_ARE_KEPT);

    WorkerPlatform.WorkerRollout rollout = deployed(ONE);

    assertThat(rollout.before()).isEmpty();
    assertThat(worker.current(deadline)).contains(rollout.version());
    assertThat(served()).isEqualTo("export default {}");
    JsonNode metadata = cloudflare.serving().path("metadata");
    assertThat(metadata.path("main_module").asString()).isEqualTo("index.js");
    assertThat(metadata.path("compatibility_date").asString()).isEqualTo("2026-11-01");
    assertThat(metadata.path("compatibility_flags").path(0).asString()).isEqualTo("nodejs_compat");
    assertThat(metadata.path("bindings").toString())
        .isEqualTo(
            "[{\"type\":\"plain_text\",\"name\":\"EDGE_CONFIG\","
                + "\"text\":\"{\\\"failover\\\":\\\"worker\\\"}\"},"
                + "{\"type\":\"plain_text\",\"name\":\"RELEASE\",\"text\":\"one\"},"
                + "{\"type\":\"kv_namespace\",\"name\":\"STATE\","
                + "\"namespace_id\":\"a1b2c3d4000000000000000000000001\"}]");
  }

  @Test
  void limitsAreBoundAsCloudflareCounts() throws Exception {
    JsonNode config =
        JsonMapper.shared()
            .readTree("{\"limits\":{\"addressPerMinute\":1000,\"userPerSecond\":5}}");
    deployed(new WorkerRelease(ONE.bundle(), "limited", config, ONE.state()));

    JsonNode bindings = cloudflare.serving().path("metadata").path("bindings");
    assertThat(limits())
        .containsExactly(
            "ADDRESS_LIMIT {\"limit\":1000,\"period\":60}",
            "USER_LIMIT {\"limit\":50,\"period\":10}");
    assertThat(bindings.findValuesAsString("namespace_id"))
        .as("whose counts are nobody else's")
        .doesNotHaveDuplicates()
        .allSatisfy(id -> assertThat(id).matches("[0-9a-f]{32}|[1-9][0-9]*"));
  }

  /** Where everybody is let in, every stranger may call, and no user is told from another. */
  @Test
  void addressesAreLimitedAlsoWhereEverybodyIsLetIn() throws Exception {
    Deployment open =
        DeploymentFile.parse(
            "f.yml",
            """
            domain: mcp.example.com
            origins: [{name: one}]
            auth: none
            """);
    JsonNode config = EdgeConfig.worker(open, Guard.inProduction(open, Map.of()));
    deployed(new WorkerRelease(ONE.bundle(), "open", config, ONE.state()));

    assertThat(limits()).containsExactly("ADDRESS_LIMIT {\"limit\":1000,\"period\":60}");
  }

  private List<String> limits() {
    return cloudflare
        .serving()
        .path("metadata")
        .path("bindings")
        .valueStream()
        .filter(binding -> binding.path("type").asString().equals("ratelimit"))
        .map(binding -> binding.path("name").asString() + " " + binding.path("simple"))
        .toList();
  }

  @Test
  void theNextReleaseIsAVersionThatIsDeployedAndKeepsTheSecrets() throws Exception {
    deployed(ONE);
    secrets.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("value")), deadline);
    cloudflare.arriveAfter(2);
    states.clear();
    assertThat(worker.preview(TWO, deadline))
        .containsExactly(
            "POST " + SCRIPT + "/versions: two",
            "POST " + SCRIPT + "/deployments: all traffic to it");

    WorkerPlatform.WorkerRollout rollout = deployed(TWO);

    assertThat(rollout.before().orElseThrow().release()).isEqualTo("one");
    assertThat(states).containsExactly("not deployed yet", "deployed");
    assertThat(served()).isEqualTo("export default {fetch() {}}");
    assertThat(cloudflare.secret("GATEWAY_SECRET")).contains("value");
    assertThat(worker.history(deadline))
        .extracting(WorkerVersion::release)
        .containsExactly("two", "one", "one");
  }

  @Test
  void whatIsDeployedAlreadyIsNotSentAgain() throws Exception {
    deployed(ONE);
    secrets.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("value")), deadline);
    int deployments = cloudflare.deployments();

    assertThat(worker.preview(ONE, deadline)).isEmpty();
    assertThat(deployed(ONE).unchanged()).isTrue();
    assertThat(cloudflare.deployments()).isEqualTo(deployments);
    assertThat(cloudflare.versions()).isEqualTo(2);
  }

  @Test
  void whatIsUploadedAlreadyIsOnlyDeployed() throws Exception {
    deployed(ONE);
    cloudflare.arriveAfter(-1);
    failed(() -> deployed(TWO), Kind.DEADLINE, "it is still not deployed yet (version 0000");
    cloudflare.arriveAfter(0);

    worker.deploy(TWO, time.minutes(1)).awaitDeployed(step -> {}, time.minutes(1));
    assertThat(cloudflare.versions()).isEqualTo(2);
    assertThat(served()).isEqualTo(TWO.bundle().module());
  }

  @Test
  void anotherSettingIsAnotherVersion() throws Exception {
    deployed(ONE);
    deployed(release("again", ONE.bundle().module()));

    assertThat(cloudflare.versions()).isEqualTo(2);
    assertThat(worker.current(deadline).orElseThrow().release()).isEqualTo("again");
  }

  @Test
  void anEarlierVersionComesBack() throws Exception {
    deployed(ONE);
    deployed(TWO);
    WorkerVersion earlier = worker.history(deadline).get(1);

    WorkerPlatform.WorkerRollout rollout = worker.restore(earlier, false, deadline);
    rollout.awaitDeployed(step -> {}, deadline);

    assertThat(served()).isEqualTo(ONE.bundle().module());
    assertThat(worker.restore(earlier, false, deadline).unchanged()).isTrue();
  }

  @Test
  void itDoesNotComeBackWithOldSecretsUnlessForced() throws Exception {
    deployed(ONE);
    deployed(TWO);
    secrets.putSecrets(Map.of("GATEWAY_SECRET", Secret.of("new")), deadline);
    WorkerVersion earlier = worker.history(deadline).getLast();

    failed(
        () -> worker.restore(earlier, false, deadline),
        Kind.CONFLICT,
        "The following secrets have changed: GATEWAY_SECRET (10220). That version would come back"
            + " with the secrets that it had. With --force it does");
    WorkerPlatform.WorkerRollout back = worker.restore(earlier, true, deadline);
    back.awaitDeployed(step -> {}, deadline);
    assertThat(served()).isEqualTo(ONE.bundle().module());
    assertThat(back.oldSecrets()).isTrue();
  }

  @Test
  void forceThatWasNotNeededIsNotTold() throws Exception {
    deployed(ONE);
    deployed(TWO);

    assertThat(worker.restore(worker.history(deadline).getLast(), true, deadline).oldSecrets())
        .isFalse();
    assertThat(cloudflare.calls("POST .*force=true")).isEmpty();
  }

  @Test
  void logsAreKeptAsTheBundleSaysAndHowManyStaysAsItIs() throws Exception {
    deployed(ONE);
    assertThat(cloudflare.settings().path("observability").path("enabled").asBoolean()).isTrue();
    JsonNode logs =
        JsonMapper.shared()
            .readTree("{\"enabled\":true,\"invocation_logs\":true,\"head_sampling_rate\":0.5}");
    cloudflare.logsSwitchedOff(logs);
    assertThat(worker.preview(ONE, deadline)).containsExactly(LOGS_ARE_KEPT);

    assertThat(deployed(ONE).unchanged()).isFalse();

    assertThat(cloudflare.settings().path("observability").path("enabled").asBoolean()).isTrue();
    assertThat(cloudflare.settings().path("observability").path("logs")).isEqualTo(logs);
    assertThat(cloudflare.settings().path("logpush").isBoolean()).isTrue();
    assertThat(cloudflare.versions()).isEqualTo(1);
    int changes = cloudflare.calls("PATCH .*").size();
    assertThat(deployed(ONE).unchanged()).isTrue();
    assertThat(cloudflare.calls("PATCH .*")).hasSize(changes);
  }

  @Test
  void aBundleThatDoesNotSayLeavesTheLogsAlone() throws Exception {
    WorkerRelease.Bundle silent =
        new WorkerRelease.Bundle("export default {}", "2026-11-01", List.of(), Optional.empty());
    deployed(new WorkerRelease(silent, "one", ONE.edgeConfig(), ONE.state()));

    assertThat(cloudflare.calls(".*script-settings")).isEmpty();
  }

  @Test
  void settingsThatCannotBeMadeStopADeploymentBeforeAnythingServes() throws Exception {
    deployed(ONE);
    cloudflare.logsSwitchedOff(JsonMapper.shared().nullNode());
    cloudflare.fail(
        "PATCH .*/script-settings",
        Fault.status(403, "{\"errors\":[{\"code\":10000,\"message\":\"not allowed\"}]}"));

    failed(() -> deployed(TWO), Kind.UNAUTHORIZED, "change settings of notes: HTTP 403");
    assertThat(cloudflare.versions()).isEqualTo(1);
    deployed(TWO);
    assertThat(served()).isEqualTo(TWO.bundle().module());
  }

  @Test
  void whatAVersionIsConfiguredByCanBeRead() throws Exception {
    deployed(ONE);
    cloudflare.deployedBySomebodyElse();
    List<WorkerVersion> history = worker.history(deadline);

    assertThat(worker.edgeConfig(history.getLast(), deadline)).isEqualTo(ONE.edgeConfig());
    assertThat(worker.edgeConfig(history.getFirst(), deadline).isMissingNode()).isTrue();
  }

  @Test
  void somebodyElsesDeploymentMeanwhileIsSaid() throws Exception {
    deployed(ONE);
    cloudflare.arriveAfter(-1);
    WorkerPlatform.WorkerRollout rollout = worker.deploy(TWO, deadline);
    cloudflare.deployedBySomebodyElse();

    failed(
        () -> rollout.awaitDeployed(step -> {}, deadline),
        Kind.CONFLICT,
        "has been deployed instead. Somebody else deploys this Worker");
  }

  @Test
  void withoutItsNamespaceNothingIsUploaded() {
    cloudflare.withoutNamespace();

    failed(() -> deployed(ONE), Kind.NOT_FOUND, "none with the title notes-state. Make it with");
    assertThat(cloudflare.versions()).isZero();
  }

  @Test
  void theBundleIsWhatWranglerHasBuilt(@TempDir Path folder) throws Exception {
    failed(
        () -> WorkerRelease.Bundle.read(folder), Kind.REJECTED, "index.js is not there. Build it");
    Files.createDirectory(folder.resolve("dist"));
    Files.writeString(folder.resolve("dist/index.js"), "export default {}");
    failed(() -> WorkerRelease.Bundle.read(folder), Kind.REJECTED, "there is no wrangler.jsonc");
    Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        { // a comment
          "compatibility_date": "2026-11-01",
          "compatibility_flags": ["nodejs_compat", "one_more"],
          "observability": { "enabled": true }
        }
        """);

    assertThat(WorkerRelease.Bundle.read(folder))
        .isEqualTo(
            new WorkerRelease.Bundle(
                "export default {}",
                "2026-11-01",
                List.of("nodejs_compat", "one_more"),
                Optional.of(true)));
    Files.delete(folder.resolve("wrangler.jsonc"));
    Path toml = folder.resolve("wrangler.toml");
    String date = "compatibility_date = \"2026-11-01\"\n";
    Files.writeString(toml, date + "[observability]\nenabled = false\n");
    assertThat(WorkerRelease.Bundle.read(folder).observability()).contains(false);
    Files.writeString(toml, date + "[other]\nenabled = true\n");
    assertThat(WorkerRelease.Bundle.read(folder).observability()).isEmpty();
  }
}
