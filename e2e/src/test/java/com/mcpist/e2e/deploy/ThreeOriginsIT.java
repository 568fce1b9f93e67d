package com.mcpist.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.ProductionSite.ProductionSecrets;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Rotation;
import com.mcpist.deploy.secrets.SecretQuery;
import com.mcpist.deploy.secrets.SecretSite;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.CommandLines;
import com.mcpist.e2e.harness.ImageBuild;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.host.ContainerHost;
import com.mcpist.testkit.host.OciImage;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A third origin, on a host of one's own: the real image, pulled by its digest from a registry and
 * run by a real podman, which a real ssh is told to. The other two are as in {@link VendorPair}.
 * Clients write all along.
 */
@Tag("long")
@Needs({Need.CONTAINERS, Need.HOST})
@SuppressWarnings("NullAway.Init") // Nothing is stopped that was not started.
class ThreeOriginsIT {
  private static final String HOME = "home-server";
  private static final String APP = "notes";
  private static final int CLIENTS = 3;

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private static CommandLines processes;
  private static ContainerHost host;
  private static VendorPair pair;
  private static String one;
  private static String two;
  private static String bad;

  private Savers savers;

  @BeforeAll
  @Timeout(value = ImageBuild.LIMIT_MINUTES, unit = TimeUnit.MINUTES)
  static void up() throws Exception {
    ImageBuild.run();
    OciImage image = ImageBuild.image();
    OciImage first = madeFor(image, "one");
    processes = CommandLines.watched();
    host = new ContainerHost(Root.PATH.resolve("e2e/target/hosts").toAbsolutePath());
    int port = Ports.freeWithNext();
    pair =
        new VendorPair(
            new VendorPair.Besides(
                first.digest(),
                file(port),
                Map.of(HOME, "http://127.0.0.1:" + port),
                Map.of("PATH", host.person().getOrDefault("PATH", ""))));
    pair.koyeb.next(List.of("HEALTHY"));
    pair.registry.open();
    one = push(first);
    two = push(madeFor(image, "two"));
    bad = push(image.with(ThreeOriginsIT::sleeps));
    Conditions.await(
        "the edge finds the first two healthy",
        LIMIT,
        () -> pair.admin.origins().stream().filter(o -> o.state().equals("healthy")).count() == 2);
  }

  @AfterAll
  static void down() throws Exception {
    if (pair != null) {
      pair.close();
    }
    if (host != null) {
      host.close();
    }
    if (processes != null) {
      processes.close();
    }
  }

  @BeforeEach
  void clientsBegin() throws Exception {
    savers = Savers.start(pair.port(), CLIENTS);
    savers.awaitMore(CLIENTS);
    if (pair.admin.origins().stream().noneMatch(ThreeOriginsIT::servesAtHome)) {
      Command.Result added =
          run("deploy", "--origin", HOME, "--image", one, "--release", "one", "--edge", edge());
      assertThat(added.code()).as(added.all()).isZero();
    }
  }

  @AfterEach
  void noCallHasFailedAndEachIsSavedOnce() throws Exception {
    savers.awaitMore(CLIENTS);
    savers.stop(pair.database.dataSource()).assertAllSavedOnce();
  }

  @AfterEach
  void noSecretWasInAnArgumentOfAnyProcess() throws Exception {
    assertThat(processes.all())
        .contains("podman\0run\0", "--env\0GATEWAY_SECRET")
        .doesNotContain(VendorPair.SECRET, VendorPair.ADMIN, pair.gateway)
        .doesNotContain(pair.database.originUrl());
  }

  @AfterEach
  void everyRequestWasOneThatTheVendorsTake() {
    assertThat(pair.violations()).isEmpty();
  }

  private static boolean servesAtHome(Status.Origin origin) {
    return origin.name().equals(HOME) && origin.state().equals("healthy");
  }

  private static OciImage madeFor(OciImage image, String release) {
    return image.with(config -> ((ArrayNode) config.path("Env")).add("MADE_FOR=" + release));
  }

  private static String push(OciImage image) {
    pair.registry.push("me/notes", image);
    return pair.registry.name() + "/me/notes@" + image.digest();
  }

  /** It runs, and will never be healthy. */
  private static void sleeps(ObjectNode config) {
    config.put("StopSignal", "SIGKILL").putArray("Entrypoint").add("/bin/sleep").add("600");
  }

  private static String file(int port) {
    return """
      - name: home-server
        platform: ssh
        host: %s
        listen: 127.0.0.1:%d
        url: http://127.0.0.1:%d
        env:
          ENVIRONMENT: production-standby
          LIMITS: "off"
    secrets:
      GATEWAY_SECRET: [origins]
      ADMIN_TOKEN: [origins]
      DATABASE_URL: [origins]
      MIGRATION_DATABASE_URL: [origins]
    """
        .formatted(ContainerHost.NAME, port, port);
  }

  private static String edge() {
    return pair.edge();
  }

  /** No secret is in what a command prints. */
  private static Command.Result run(String... arguments) throws Exception {
    Command.Result result = pair.run(arguments);
    assertThat(result.all())
        .doesNotContain(VendorPair.SECRET, VendorPair.ADMIN, "koyeb-token", "fly-token");
    return result;
  }

  private static List<String> releases() throws Exception {
    return pair.admin.origins().stream().map(Status.Origin::release).toList();
  }

  @Test
  void aReleaseGoesOutToAllThreeAndComesBack() throws Exception {
    Command.Result deployed =
        run("deploy", "--image", two, "--release", "two", "--edge", edge(), "--json");

    assertThat(deployed.code()).as(deployed.all()).isZero();
    JsonNode outcome = JsonMapper.shared().readTree(deployed.out());
    assertThat(outcome.path("origins").findValuesAsString("result"))
        .hasSize(3)
        .containsOnly("deployed");
    assertThat(outcome.path("calls").path("failed").asInt(-1)).isZero();
    assertThat(host.podman("inspect", "--format", "{{.ImageName}}", APP)).startsWith(two);
    Conditions.await("the edge sees that", () -> Set.copyOf(releases()).equals(Set.of("two")));
    savers.awaitMore(CLIENTS);

    Command.Result back = run("rollback", "--edge", edge());
    assertThat(back.code()).as(back.all()).isZero();
    assertThat(host.podman("inspect", "--format", "{{.ImageName}}", APP)).startsWith(one);
    Conditions.await("the edge sees that", () -> Set.copyOf(releases()).equals(Set.of("one")));
  }

  @Test
  void aReleaseThatIsNeverHealthyThereIsTakenBackEverywhere() throws Exception {
    String serves = host.podman("inspect", "--format", "{{.Id}}", APP);

    Command.Result deployed =
        run("deploy", "--image", bad, "--release", "bad", "--timeout", "20s", "--edge", edge());

    assertThat(deployed.code()).as(deployed.all()).isEqualTo(1);
    assertThat(deployed.all()).contains("running beside", "Rolled back");
    assertThat(host.podman("inspect", "--format", "{{.Id}}", APP)).isEqualTo(serves);
    Conditions.await("the edge sees that", () -> Set.copyOf(releases()).equals(Set.of("one")));
  }

  @Test
  void itServesAloneAndItsProcessIsKilled() throws Exception {
    for (String origin : List.of(Pair.PRIMARY, Pair.STANDBY)) {
      pair.admin.change(origin, "drain");
    }
    try {
      savers.awaitMore(CLIENTS, HOME);

      ProcessHandle process = host.process(APP);
      assertThat(process.destroyForcibly()).isTrue();
      Conditions.await("it has ended", () -> !process.isAlive());

      savers.awaitMore(CLIENTS * 3, HOME);
      assertThat(host.process(APP).pid()).isNotEqualTo(process.pid());
    } finally {
      for (String origin : List.of(Pair.PRIMARY, Pair.STANDBY)) {
        pair.admin.change(origin, "undrain");
      }
    }
  }

  /**
   * The edge is given the new value by its admin listener, and the origins by their platforms; each
   * starts again twice.
   */
  @Test
  void theGatewaySecretIsRotated() throws Exception {
    Memory memory = new Memory();

    new Rotation(
            site(),
            memory.source(),
            memory,
            new ChangeOptions("a test", false, true, LIMIT, Duration.ofMinutes(1)),
            new Silent(),
            EdgeSecret.NAME)
        .run();

    String value = memory.source().find(EdgeSecret.NAME).orElseThrow().reveal();
    pair.gateway = value;
    assertThat(value).isNotEqualTo(VendorPair.SECRET);
    assertThat(host.environment(APP)).containsEntry(EdgeSecret.NAME, value);
  }

  private SecretSite site() throws Exception {
    SecretSite site =
        new ProductionSecrets(pair.production(), Duration.ofSeconds(1)).site(Optional.empty());
    SecretQuery query =
        new SecretQuery(
            URI.create("http://127.0.0.1:" + pair.admin.port()),
            SecretQuery.AT_EDGE,
            Optional.of(Secret.of(pair.admin.token())),
            Time.system());
    List<Program> programs = new ArrayList<>(site.programs());
    programs.addFirst(
        new Program(
            "edge",
            new EdgeSecret(pair.admin),
            query,
            Set.of(EdgeSecret.NAME),
            Set.of(),
            Optional.empty(),
            () -> savers.awaitMore(CLIENTS * 20)));
    return new SecretSite(site.site(), site.edge(), programs, site.access(), site.tokenCheck());
  }

  /** The source of the secrets. */
  private static final class Memory implements SourceWriter {
    private final Map<String, Secret> values = new ConcurrentHashMap<>();

    private Memory() {
      values.put(EdgeSecret.NAME, Secret.of(VendorPair.SECRET));
    }

    @Override
    public String told() {
      return "a test";
    }

    Source source() {
      Map<String, String> environment = new HashMap<>();
      values.forEach((name, value) -> environment.put(name, value.reveal()));
      return new Source(environment);
    }

    @Override
    public void storeNext(String name, Secret value, Deadline deadline) {
      values.put(name + "_NEXT", value);
    }

    @Override
    public void promote(String name, Secret value, Deadline deadline) {
      values.put(name, value);
    }

    @Override
    public void forgetNext(String name, Deadline deadline) {
      values.remove(name + "_NEXT");
    }
  }

  private static final class Silent implements Watcher {
    @Override
    public void step(String text) {}

    @Override
    public void origin(String origin, String text) {}

    @Override
    public void failed(String problem) {}

    @Override
    public void note(String text) {}
  }
}
