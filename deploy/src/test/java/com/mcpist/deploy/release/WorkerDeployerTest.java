package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.WorkerDeployer;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.platform.cloudflare.LoadBalancer.LoadBalancers;
import com.mcpist.deploy.platform.cloudflare.WorkerPlatform;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.vendor.CloudflareServer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Worker is brought out, and back where it is bad, by an edge that answers as Cloudflare says.
 */
class WorkerDeployerTest {
  private static final String BALANCED =
      "{\"failover\":\"load_balancer\",\"loadBalancer\":\"https://lb.example.com\"}";
  private static final String BAD = "export default {bad: true}";

  private final Stage stage = new Stage();
  private final CloudflareServer cloudflare =
      new CloudflareServer(
          "notes", "example.com", "lb.example.com", List.of(Stage.PRIMARY, Stage.STANDBY));
  private final FaultServer edge = FaultServer.start();

  /** What the cron trigger has last run as; null: as whatever serves. */
  private volatile @Nullable String ticked;

  private final CloudflareAccess access = access();

  WorkerDeployerTest() {
    edge.handle(this::answer);
  }

  @AfterEach
  void close() throws Exception {
    assertThat(cloudflare.violations()).isEmpty();
    cloudflare.close();
    edge.close();
    stage.close();
  }

  private CloudflareAccess access() {
    try {
      return CloudflareAccess.of(
          CloudflareServer.ACCOUNT,
          cloudflare.url(),
          Map.of(CloudflareAccess.TOKEN, "t"),
          stage.time);
    } catch (PlatformException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The edge is what serves; a bad module answers nothing but its operator. */
  private Behaviour answer(HttpMessage message) {
    JsonNode serving = cloudflare.serving();
    if (message.target().equals("/api/edge/status")) {
      String release = serving.path("metadata").path("bindings").path(1).path("text").asString("");
      String as = ticked;
      var status = JsonMapper.shared().createObjectNode().put("release", release);
      status
          .putObject("cron")
          .put("at", stage.time.wall().toString())
          .put("release", as == null ? release : as);
      return Behaviour.answer(200, status.toString());
    }
    if (serving.path(WorkerRelease.Bundle.MODULE).asString("").equals(BAD)) {
      return Behaviour.status(500);
    }
    return message.target().equals("/health")
        ? Behaviour.answer(200, "{\"status\":\"ok\"}")
        : Behaviour.answer(
            200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"a\"}]}}");
  }

  private WorkerDeployer deployer() throws Exception {
    return deployer(URI.create(edge.url()));
  }

  private WorkerDeployer deployer(URI url) throws Exception {
    Site origins = stage.site();
    OriginClient client = new OriginClient(url, List.of(), stage.time);
    Site site =
        new Site(
            "notes",
            origins.targets(),
            Optional.of(new Entrance(client, Admission.OPEN)),
            origins.gateway(),
            origins.admin(),
            stage.time);
    EdgeAdmin admin = new EdgeAdmin(URI.create(url + "/api/edge"), Secret.of("token"), stage.time);
    return new WorkerDeployer(
        site,
        new WorkerPlatform(access, "notes"),
        Optional.of(admin),
        Optional.of(new LoadBalancers(access, CloudflareServer.ZONE)),
        stage.announcements(site),
        stage.watcher());
  }

  private static WorkerRelease release(String name, String module) {
    return release(name, module, "{}");
  }

  private static WorkerRelease release(String name, String module, String config) {
    return new WorkerRelease(
        new WorkerRelease.Bundle(module, "2026-04-01", List.of(), Optional.empty()),
        name,
        JsonMapper.shared().readTree(config),
        "notes-state");
  }

  private static Order.Terms order(boolean force) {
    return new Order.Terms(force, true, "bob", Optional.empty(), Stage.limits());
  }

  private Outcome deploy(String name, String module) throws Exception {
    return deployer().deploy(release(name, module), order(false));
  }

  @Test
  void itIsBroughtOutVerifiedAndBroughtBack() throws Exception {
    assertThat(deploy("one", "export default {}").passed()).isTrue();
    Outcome second = deploy("two", "export default {two: 2}");

    assertThat(second.state()).isEqualTo(State.SUCCEEDED);
    assertThat(second.before().map(Outcome.Version::release)).contains("one");
    assertThat(second.findings()).hasSize(2).allMatch(finding -> finding.passed());
    assertThat(stage.told).contains("Waiting until the edge answers with two");
    assertThat(deploy("two", "export default {two: 2}").changed()).isFalse();
    assertThat(stage.books.isLocked()).isFalse();

    Outcome back = deployer().rollback(Optional.empty(), order(false));
    assertThat(back.version().release()).isEqualTo("one");
    assertThat(deployer().rollback(Optional.of("two"), order(false)).version().release())
        .isEqualTo("two");
  }

  @Test
  void aBadOneIsTakenBackAndPeopleHearOfIt() throws Exception {
    deploy("one", "export default {}");

    Outcome bad = deploy("two", BAD);

    assertThat(bad.state()).isEqualTo(State.RETURNED);
    assertThat(bad.problem()).contains("health through the edge");
    assertThat(cloudflare.serving().path(WorkerRelease.Bundle.MODULE).asString())
        .isEqualTo("export default {}");
    assertThat(stage.notices())
        .singleElement()
        .asString()
        .contains("deploy of the Worker, two", "has the version again");
    assertThat(deploy("three", "export default {three: 3}").passed()).isTrue();
    assertThat(stage.notices()).as("and of the recovery").hasSize(2);
  }

  @Test
  void anEdgeThatGoesOnAnsweringAsTheOldOneIsAProblem() throws Exception {
    deploy("one", "export default {}");
    edge.handle(
        message ->
            message.target().equals("/api/edge/status")
                ? Behaviour.answer(200, "{\"release\":\"one\"}")
                : answer(message));

    assertThat(deploy("two", "export default {two: 2}").problem())
        .isEqualTo("the edge does not answer with two, but with: one");
  }

  @Test
  void aVersionStaysIfNoAnswerComesFromTheEdge() throws Exception {
    deploy("one", "export default {}");
    edge.handle(_ -> Behaviour.closeBefore());

    Outcome unseen = deploy("two", "export default {two: 2}");

    assertThat(unseen.result()).isInstanceOf(Outcome.Result.Unseen.class);
    assertThat(cloudflare.serving().path(WorkerRelease.Bundle.MODULE).asString())
        .isEqualTo("export default {two: 2}");
  }

  @Test
  void oneThatNeverArrivesIsTakenBack() throws Exception {
    deploy("one", "export default {}");
    cloudflare.arriveAfter(-1);

    Outcome lost = deploy("two", "export default {two: 2}");

    assertThat(lost.passed()).isFalse();
    assertThat(lost.problem()).contains("it is still not deployed yet");
  }

  @Test
  void itDoesNotGoBackWithOldSecretsUnlessForced() throws Exception {
    deploy("one", "export default {}");
    deploy("two", "export default {two: 2}");
    new WorkerPlatform(access, "notes")
        .putSecrets(Map.of("GATEWAY_SECRET", Secret.of("new")), stage.deadline());

    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> deployer().rollback(Optional.empty(), order(false)))
        .withMessageContaining("(10220)");
    Outcome forced = deployer().rollback(Optional.empty(), order(true));
    assertThat(forced.version().release()).isEqualTo("one");
    assertThat(forced.warnings())
        .singleElement()
        .asString()
        .contains("has brought back its own secrets", "`mcpist secrets check` tells");
  }

  @Test
  void forceBringsBackWithoutAWordWhatHasTheSameSecrets() throws Exception {
    deploy("one", "export default {}");
    deploy("two", "export default {two: 2}");

    assertThat(deployer().rollback(Optional.empty(), order(true)).warnings()).isEmpty();
  }

  @Test
  void whatIsBroughtBackOnPurposeIsNotLeftAgainForTheNewerOneWhereItIsBad() throws Exception {
    deploy("one", "export default {}");
    deploy("two", "export default {two: 2}");
    edge.handle(
        message ->
            message.target().equals("/api/edge/status") ? answer(message) : Behaviour.status(500));

    Outcome back = deployer().rollback(Optional.empty(), order(false));

    assertThat(back.state()).isEqualTo(State.FAILED);
    assertThat(back.problem()).contains("health through the edge");
    assertThat(cloudflare.serving().path(WorkerRelease.Bundle.MODULE).asString())
        .isEqualTo("export default {}");
  }

  @Test
  void theFirstOneIsThereBeforeTheLoadBalancer() throws Exception {
    cloudflare.withoutLoadBalancer();
    assertThat(deployer().deploy(release("one", "export default {}", BALANCED), order(false)))
        .satisfies(one -> assertThat(one.passed()).isTrue());
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(
            () -> deployer().deploy(release("two", "export default {}", BALANCED), order(false)));
  }

  @Test
  void itDoesNotGoOutWhereItWouldSendCallsToALoadBalancerThatIsNotThere() throws Exception {
    WorkerRelease one = release("one", "export default {}", BALANCED);
    assertThat(deployer().deploy(one, order(false)).passed()).isTrue();
    assertThat(deploy("two", "export default {two: 2}").passed()).isTrue();
    cloudflare.withoutLoadBalancer();
    int versions = cloudflare.versions();
    String problem = "sends its calls to the load balancer lb.example.com, and the zone has none";

    WorkerRelease three = release("three", "export default {}", BALANCED);
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deployer().deploy(three, order(false)))
        .withMessageContaining(problem)
        .withMessageContaining("Make it first: terraform apply");
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deployer().preview(three, false, stage.deadline()));
    assertThatExceptionOfType(DeployException.class)
        .as("an earlier version may be one that had it")
        .isThrownBy(() -> deployer().rollback(Optional.empty(), order(false)))
        .withMessageContaining(problem);
    assertThat(cloudflare.versions()).isEqualTo(versions);
    assertThat(deployer().deploy(three, order(true)).passed()).isTrue();
    assertThat(stage.told).anyMatch(told -> told.startsWith("With --force all the same"));
  }

  @Test
  void aCronTriggerThatRunsIsSeen() throws Exception {
    deploy("one", "export default {}");

    Outcome second = deploy("two", "export default {two: 2}");

    assertThat(second.warnings()).isEmpty();
    assertThat(stage.told).contains("Waiting for the Worker's cron trigger");
  }

  @Test
  void oneThatDoesNotRunIsToldAndNothingIsTakenBack() throws Exception {
    deploy("one", "export default {}");
    ticked = "one";
    Instant before = stage.time.now();

    Outcome second = deploy("two", "export default {two: 2}");

    assertThat(second.passed()).isTrue();
    assertThat(second.warnings())
        .singleElement()
        .asString()
        .startsWith("The Worker's cron trigger has not run in the 180 s since this deployment")
        .contains("it has last run as one, at 2026-", "`terraform apply` makes the trigger");
    assertThat(Duration.between(before, stage.time.now())).isLessThan(Duration.ofMinutes(4));
    assertThat(cloudflare.serving().path(WorkerRelease.Bundle.MODULE).asString()).contains("two");
  }

  @Test
  void behindANewEntranceTheWorkerStaysAndIsVerifiedLater() throws Exception {
    deploy("one", "export default {}");
    URI unknown = URI.create("https://mcp.example.invalid");
    Order.Terms unverified = new Order.Terms(false, false, "bob", Optional.empty(), Stage.limits());

    Outcome left = deployer(unknown).deploy(release("two", "export default {two: 2}"), unverified);
    Outcome waited =
        deployer(unknown).deploy(release("three", "export default {three: 3}"), order(false));

    assertThat(left.passed()).isTrue();
    assertThat(stage.told)
        .anyMatch(
            told ->
                told.startsWith("It is not known which release the Worker is: ")
                    && told.endsWith("mcp.example.invalid is not in DNS"));
    assertThat(waited.passed()).isFalse();
    assertThat(waited.state()).isEqualTo(State.SUCCEEDED);
    assertThat(cloudflare.serving().path(WorkerRelease.Bundle.MODULE).asString()).contains("three");
    assertThat(stage.notices())
        .singleElement()
        .asString()
        .contains("The name is not in DNS here", "The Worker stays as it is");
  }

  @Test
  void whereNothingServedBeforeThereIsNoWayBack() throws Exception {
    deploy("one", "export default {}");

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deployer().rollback(Optional.empty(), order(false)))
        .withMessageStartingWith("the Worker served nothing before one, version 1");
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> deployer().rollback(Optional.of("nine"), order(false)))
        .withMessageContaining("never served nine; it served one");
  }
}
