package com.mcpist.e2e.harness;

import com.mcpist.testkit.MutableClock;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.vendor.FlyServer;
import com.mcpist.testkit.vendor.KoyebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Koyeb and Fly.io, as far as that can be without them: their interfaces are stand-ins, and what
 * those say that runs does run: origins as processes of their own, which are started anew when
 * their platform is told to.
 */
public final class VendorOrigins implements AutoCloseable {
  /** The service's id on Koyeb. */
  public static final String SERVICE = "8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b";

  /** The digest of an image that nobody has. */
  public static final String OLD = "sha256:" + "0".repeat(64);

  private static final String MACHINE = "148e21ea7d4589";
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

  /** How long an origin may take to end before it is killed. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  public final KoyebServer koyeb;
  public final FlyServer fly;
  private final MutableClock clock = MutableClock.at(Instant.now());
  private final Map<String, Integer> ports = new HashMap<>();
  private final Map<String, String> given;
  private final List<String> secrets;
  private final Map<String, Program> origins = new HashMap<>();
  private final Map<String, List<Object>> running = new HashMap<>();
  private final Set<String> failures = new ConcurrentSkipListSet<>();
  private final Thread platforms;
  private volatile boolean closing;

  /** The machine's configuration whose process has answered. */
  private volatile int answering;

  /**
   * Nothing runs yet.
   *
   * @param image what Koyeb runs at first, by digest; Fly.io has the same
   * @param given variables that every origin has, whatever its platform says
   * @param secrets the names of those that an origin has of its platform's secrets
   */
  public VendorOrigins(String image, Map<String, String> given, Collection<String> secrets) {
    this.given = Map.copyOf(given);
    this.secrets = List.copyOf(secrets);
    ports.put(Pair.PRIMARY, Ports.free());
    ports.put(Pair.STANDBY, Ports.free());
    String digest = image.replaceFirst(".*@", "");
    koyeb = new KoyebServer(SERVICE, service(image, digest));
    fly = new FlyServer("notes", clock);
    fly.machine(
        MACHINE,
        "nrt",
        """
        {"image": "registry.fly.io/notes@%s", "env": {"RELEASE": "one", "IMAGE_DIGEST": "%s"},
         "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256}}
        """
            .formatted(digest, digest));
    fly.answers(version -> version == answering);
    platforms = Thread.ofPlatform().daemon().name("platforms").unstarted(this::keep);
  }

  private String service(String image, String digest) {
    StringBuilder env = new StringBuilder();
    secrets.forEach(
        name ->
            env.append(", {\"key\": \"%s\", \"secret\": \"%s\"}".formatted(name, onKoyeb(name))));
    return """
    {"name": "notes", "type": "WEB", "regions": ["fra"],
     "docker": {"image": "%s", "image_registry_secret": "ghcr"},
     "env": [{"key": "RELEASE", "value": "one"}, {"key": "IMAGE_DIGEST", "value": "%s"}%s],
     "ports": [{"port": 8000, "protocol": "http"}], "scalings": [{"min": 1, "max": 1}]}
    """
        .formatted(image, digest, env);
  }

  private static String onKoyeb(String secret) {
    return "notes-" + secret.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** An origin's port. */
  public int port(String origin) {
    return Objects.requireNonNull(ports.get(origin), origin);
  }

  /** The platforms begin their work. */
  public void start() throws IOException {
    run();
    platforms.start();
  }

  /** Time passes, and what is to run runs; what fails is tried again. */
  private void keep() {
    try {
      while (!closing) {
        clock.set(Instant.now());
        try {
          run();
        } catch (IOException | RuntimeException e) {
          failures.add("The platforms failed: " + e);
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** What was wrong with requests, and what has failed where nothing should. */
  public List<String> violations() {
    return Stream.of(koyeb.violations(), fly.violations(), failures)
        .flatMap(Collection::stream)
        .toList();
  }

  private void run() throws IOException {
    Map<String, String> onKoyeb = new HashMap<>();
    for (JsonNode entry : koyeb.serving().path("env")) {
      String secret = entry.path("secret").asString("");
      onKoyeb.put(
          entry.path("key").asString(),
          koyeb.secret(secret).orElse(entry.path("value").asString("")));
    }
    run(Pair.PRIMARY, koyeb.states().lastIndexOf("HEALTHY"), onKoyeb);
    List<JsonNode> configs = fly.configs(MACHINE);
    Map<String, String> onFly = new HashMap<>();
    secrets.stream()
        .filter(name -> !fly.secret(name).isEmpty())
        .forEach(name -> onFly.put(name, fly.secret(name)));
    configs
        .getLast()
        .path("env")
        .properties()
        .forEach(entry -> onFly.put(entry.getKey(), entry.getValue().asString()));
    run(Pair.STANDBY, configs.size(), onFly);
    if (answering != configs.size() && isHealthy(port(Pair.STANDBY))) {
      answering = configs.size();
    }
  }

  private static boolean isHealthy(int port) {
    try {
      return RawHttp.exchange(port, HEALTH).status() == 200;
    } catch (IOException | UncheckedIOException _) {
      return false; // It starts.
    }
  }

  /**
   * @param deployment which one of its platform: a secret that is stored changes nothing before the
   *     next
   */
  private void run(String origin, int deployment, Map<String, String> of) throws IOException {
    List<Object> wanted = List.of(deployment, of.getOrDefault("IMAGE_DIGEST", ""));
    if (wanted.equals(running.get(origin))) {
      return;
    }
    Program before = origins.remove(origin);
    if (before != null) {
      before.terminate();
      if (!before.endsWithin(GRACE)) {
        failures.add(origin + " did not end in " + GRACE + ": " + before.log());
      }
      before.close();
    }
    Map<String, String> environment = new HashMap<>(given);
    environment.putAll(of);
    environment.put("HOST", "127.0.0.1");
    environment.put("PORT", String.valueOf(ports.get(origin)));
    // It answers few calls before the next one takes its place: the second compiler does not pay.
    environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    origins.put(origin, Program.origin(environment));
    running.put(origin, wanted);
  }

  @Override
  public void close() throws IOException {
    closing = true;
    try {
      platforms.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    for (Program origin : origins.values()) {
      origin.close();
    }
    koyeb.close();
    fly.close();
  }
}
