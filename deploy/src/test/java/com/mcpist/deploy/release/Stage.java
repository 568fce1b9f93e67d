package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.fly.FlyPlatform;
import com.mcpist.deploy.platform.fly.Selection;
import com.mcpist.deploy.platform.koyeb.KoyebPlatform;
import com.mcpist.deploy.release.Announcements.Notifier;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.KoyebServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A pair on two vendors' stand-ins, with origins that run what those say, and a webhook. */
final class Stage implements AutoCloseable {
  static final String PRIMARY = "koyeb-primary";
  static final String STANDBY = "flyio-standby";
  static final String SERVICE = "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b";
  static final String MACHINE = "148e21ea7d4589";
  static final String OLD = Images.OLD.digest().orElseThrow();
  static final String NEW = Images.NEW.digest().orElseThrow();

  final TestTime time = TestTime.create();
  final StandInBooks books = new StandInBooks(time.clock());
  final KoyebServer koyeb =
      new KoyebServer(
          SERVICE,
          """
          {"name": "notes", "type": "WEB", "regions": ["fra"], "docker": {"image": "%s"},
           "env": [{"key": "RELEASE", "value": "one"}, {"key": "IMAGE_DIGEST", "value": "%s"}],
           "ports": [{"port": 8000, "protocol": "http"}], "scalings": [{"min": 1, "max": 1}]}
          """
              .formatted(Images.OLD, OLD));
  final FlyServer fly = new FlyServer("notes", time.clock());
  final StandInOrigin primary = new StandInOrigin(PRIMARY, this::koyebEnv, books);
  final StandInOrigin standby = new StandInOrigin(STANDBY, this::flyEnv, books);
  final FaultServer slack = FaultServer.start();
  final List<String> told = new CopyOnWriteArrayList<>();

  /** Where clients connect; nowhere yet. */
  Optional<Entrance> entrance = Optional.empty();

  /** What mcpist.yml and mounts.json set of both origins. */
  Map<String, String> env = Map.of();

  /** What happens once a release is to be taken back. */
  Runnable onTheWayBack = () -> {};

  /**
   * What happens once, when that step begins, when that origin's platform has begun, or with a note
   * that begins with that and a colon.
   */
  final Map<String, Runnable> inTheMiddle = new ConcurrentHashMap<>();

  Stage() {
    fly.machine(
        MACHINE,
        "nrt",
        """
        {"image": "%s", "env": {"RELEASE": "one", "IMAGE_DIGEST": "%s"},
         "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256}}
        """
            .formatted(Images.OLD, OLD));
    slack.always(new Behaviour.Answer(200, Map.of(), "ok".getBytes(StandardCharsets.UTF_8)));
  }

  private JsonNode koyebEnv() {
    ObjectNode env = JsonMapper.shared().createObjectNode();
    for (JsonNode entry : koyeb.serving().path("env")) {
      env.put(entry.path("key").asString(""), entry.path("value").asString(""));
    }
    return env;
  }

  private JsonNode flyEnv() {
    return fly.configs(MACHINE).getLast().path("env");
  }

  /** An origin's mounts; empty where it has none. */
  String mounts(String origin) {
    return (origin.equals(PRIMARY) ? koyebEnv() : flyEnv()).path("MOUNTS").asString("");
  }

  /** What an origin tells that it runs. */
  String running(String origin) {
    return (origin.equals(PRIMARY) ? koyebEnv() : flyEnv()).path("IMAGE_DIGEST").asString("");
  }

  Site site(String... deployed) throws PlatformException {
    Set<String> changed = deployed.length == 0 ? Set.of(PRIMARY, STANDBY) : Set.of(deployed);
    Platform onKoyeb =
        KoyebPlatform.of(
            PRIMARY, "notes", SERVICE, koyeb.url(), Map.of(KoyebPlatform.TOKEN, "k"), time);
    Platform onFly =
        FlyPlatform.of(
            STANDBY,
            new Selection("notes", List.of(MACHINE), Optional.empty()),
            URI.create(fly.url() + "/v1"),
            Map.of(FlyPlatform.TOKEN, "f"),
            "mcpist of bob",
            time);
    Secret secret = Secret.of(StandInOrigin.SECRET);
    Secret admin = Secret.of(StandInOrigin.ADMIN);
    return new Site(
        "notes",
        List.of(target(onKoyeb, primary, changed), target(onFly, standby, changed)),
        entrance,
        secret,
        Optional.of(
            new AdminPath(
                List.of(primary.url(), standby.url()), List.of(new Access(secret, admin)), time)),
        time);
  }

  private Target target(Platform platform, StandInOrigin origin, Set<String> changed) {
    return new Target(
        platform.origin(),
        platform.origin().equals(PRIMARY),
        Optional.of(platform).filter(p -> changed.contains(p.origin())),
        new OriginClient(origin.url(), List.of(Secret.of(StandInOrigin.SECRET)), time),
        Optional.empty(),
        env);
  }

  Deployer deployer(String... deployed) throws PlatformException {
    return deployer(Optional.empty(), deployed);
  }

  Deployer deployer(Optional<EdgeAdmin> edge, String... deployed) throws PlatformException {
    Site site = site(deployed);
    return new Deployer(site, edge, announcements(site), watcher());
  }

  Announcements announcements(Site site) {
    return new Announcements(
        "notes",
        site.admin(),
        Optional.of(new Notifier("HOOK", Map.of("HOOK", slack.url() + "/hook"), time)),
        Optional.empty(),
        time);
  }

  Watcher watcher() {
    return new Watcher() {
      @Override
      public void step(String text) {
        told.add(text);
        happen(text);
        if (text.startsWith("Giving back")) {
          onTheWayBack.run();
        }
      }

      private void happen(String when) {
        Runnable now = inTheMiddle.remove(when);
        if (now != null) {
          now.run();
        }
      }

      @Override
      public void origin(String origin, String text) {
        told.add(origin + ": " + text);
        happen(origin);
      }

      @Override
      public void failed(String problem) {
        told.add("failed: " + problem);
      }

      @Override
      public void note(String text) {
        told.add(text);
        happen(text.replaceFirst(":.*", ""));
      }

      @Override
      public void plan(String origin, List<String> calls) {
        calls.forEach(call -> told.add(origin + ": " + call));
      }
    };
  }

  /** What people were told. */
  List<String> notices() {
    return slack.requests().stream()
        .map(HttpMessage::body)
        .map(body -> JsonMapper.shared().readTree(body).path("text").asString(""))
        .toList();
  }

  Deadline deadline() {
    return time.minutes(10);
  }

  /** Brings that image back everywhere. */
  static Order rollback(ImageReference image, String release) {
    return new Order(
        Action.ROLLBACK,
        image,
        release,
        Strategy.SIMULTANEOUS,
        Set.of(),
        Set.of(),
        new Order.Terms(false, true, "bob", Optional.empty(), limits()));
  }

  /** Deploys that image to one origin, as one of several commands do. */
  static Order partOfRun(ImageReference image, String release, String origin) {
    return new Order(
        Action.DEPLOY,
        image,
        release,
        Strategy.SIMULTANEOUS,
        Set.of(origin),
        Set.of(),
        new Order.Terms(false, false, "a workflow", Optional.of("run 7"), limits()));
  }

  /** Deploys that image everywhere, at once. */
  static Order order(ImageReference image, String release) {
    return order(image, release, Strategy.SIMULTANEOUS);
  }

  static Order order(ImageReference image, String release, Strategy strategy) {
    return new Order(
        Action.DEPLOY,
        image,
        release,
        strategy,
        Set.of(),
        Set.of(),
        new Order.Terms(false, true, "bob", Optional.empty(), limits()));
  }

  static Order.Limits limits() {
    return new Order.Limits(Duration.ofMinutes(10), Duration.ofSeconds(10), Duration.ofSeconds(5));
  }

  @Override
  public void close() throws IOException {
    koyeb.close();
    fly.close();
    primary.close();
    standby.close();
    slack.close();
  }
}
