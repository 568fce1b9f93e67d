package com.mcpist.deploy.config;

import com.mcpist.deploy.config.ConfigException.Place;
import com.mcpist.deploy.image.ImageReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the origins, one after the other, and compares each with those before. */
final class OriginReader {
  static final Set<String> KEYS =
      DeploymentReader.ordered(
          "name",
          "platform",
          "app",
          "service",
          "machines",
          "region",
          "host",
          "listen",
          "container",
          "image",
          "url",
          "env");

  /** Which keys are one platform's own. */
  private static final Map<String, Set<String>> PLATFORMS = platforms();

  private static final Set<String> PLATFORM_KEYS =
      PLATFORMS.values().stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

  private static final Set<String> ENVIRONMENTS =
      DeploymentReader.ordered("production-primary", "production-standby");
  private static final Pattern SECRET =
      Pattern.compile("(.*_)?(KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL)");

  /** What whoever runs an origin sets: a file that set it too would contradict them. */
  private static final Set<String> RESERVED =
      Set.of("HOST", "PORT", "RELEASE", "IMAGE_DIGEST", "INSTANCE", "MCPIST_SUPERVISED");

  private static final Set<String> CONTAINERS = DeploymentReader.ordered("podman", "docker");
  private static final Hosting.Ssh.Listen NO_PORT = new Hosting.Ssh.Listen("", 0);

  private final Mistakes mistakes;
  private final String service;
  private final Set<String> secrets;
  private final Map<Object, Place> seen = new HashMap<>();

  /**
   * @param service the name of the whole
   * @param secrets the names that the file lists as secrets
   */
  OriginReader(Mistakes mistakes, String service, Set<String> secrets) {
    this.mistakes = mistakes;
    this.service = service;
    this.secrets = secrets;
  }

  private static Map<String, Set<String>> platforms() {
    Map<String, Set<String>> keys = new java.util.LinkedHashMap<>();
    keys.put("koyeb", Set.of("app", "service"));
    keys.put("fly", Set.of("app", "machines", "region"));
    keys.put("ssh", Set.of("host", "app", "listen", "container"));
    keys.put("local", Set.of());
    return keys;
  }

  /** One origin; empty when it has no usable name. */
  Optional<Origin> origin(Node node) {
    YamlMap map = new YamlMap(mistakes, node, "an origin", KEYS);
    if (!map.has("name")) {
      if (!map.keys().isEmpty()) {
        mistakes.add(map.place(), "an origin needs a name (name: koyeb-primary)");
      }
      return Optional.empty();
    }
    Optional<String> name = map.read("name", Values::name);
    Optional<String> platform = map.read("platform", Values.oneOf(PLATFORMS.keySet()));
    name.ifPresent(text -> once(map, "name", text, "there is already an origin \"" + text + "\""));
    boolean unknown = platform.isEmpty() && map.has("platform");
    Hosting hosting = unknown ? new Hosting.Local() : hosting(map, platform.orElse("local"));
    Optional<String> url = url(map, hosting);
    Map<String, String> env = env(map);
    Optional<ImageReference> image = map.read("image", Values::image);
    return name.map(text -> new Origin(text, hosting, image, url, env));
  }

  private Hosting hosting(YamlMap map, String platform) {
    for (String key : PLATFORM_KEYS) {
      if (map.has(key) && !PLATFORMS.getOrDefault(platform, Set.of()).contains(key)) {
        map.wrong(key, "means nothing on platform " + platform + ": remove it" + others(key));
      }
    }
    Hosting hosting =
        switch (platform) {
          case "koyeb" ->
              new Hosting.Koyeb(
                  id(map, "app", "the app's name on Koyeb"),
                  id(map, "service", "the service's id: `koyeb services list` shows it"));
          case "fly" ->
              new Hosting.Fly(
                  id(map, "app", "the app's name on Fly.io"),
                  map.values("machines", Values::id),
                  map.read("region", Values::id));
          case "ssh" -> ssh(map);
          default -> new Hosting.Local();
        };
    Object same = hosting instanceof Hosting.Ssh ssh ? List.of(ssh.host(), ssh.app()) : hosting;
    if (!(hosting instanceof Hosting.Local) && (map.has("app") || map.has("host"))) {
      once(map, "platform", same, "another origin is the same on " + platform);
    }
    return hosting;
  }

  private Hosting.Ssh ssh(YamlMap map) {
    if (!map.has("host")) {
      mistakes.add(
          map.placeOf("platform"),
          "an origin on this platform needs host, what ssh calls it (host:"
              + " deploy@server.example.com)");
    }
    String host = map.read("host", Values::sshHost).orElse("");
    Hosting.Ssh.Listen listen =
        map.has("listen")
            ? map.read("listen", Values::listen).orElse(NO_PORT)
            : Hosting.Ssh.Listen.STANDARD;
    if (!host.isEmpty() && !listen.equals(NO_PORT) && port(map, host, listen.port())) {
      port(map, host, listen.port() + 1);
    }
    return new Hosting.Ssh(
        host,
        map.read("app", Values::id).orElse(service),
        listen,
        map.read("container", Values.oneOf(CONTAINERS)));
  }

  /** Whether no other origin uses it there; a mistake, where one does. */
  private boolean port(YamlMap map, String host, int port) {
    return once(
        map,
        map.has("listen") ? "listen" : "platform",
        List.of(host, port),
        "another origin uses port " + port + " of " + host + " (each needs two: listen)");
  }

  private static String others(String key) {
    List<String> names =
        PLATFORMS.entrySet().stream()
            .filter(entry -> entry.getValue().contains(key))
            .map(Map.Entry::getKey)
            .toList();
    return ", or set platform: " + String.join(" or ", names);
  }

  private String id(YamlMap map, String key, String meaning) {
    if (!map.has(key)) {
      mistakes.add(
          map.placeOf("platform"), "an origin on this platform needs " + key + ", " + meaning);
    }
    return map.read(key, Values::id).orElse("");
  }

  private Optional<String> url(YamlMap map, Hosting hosting) {
    if (!map.has("url") && !(hosting instanceof Hosting.Local)) {
      mistakes.add(
          map.placeOf("platform"),
          "an origin on this platform needs url, the address where it answers (url: https://…)");
    }
    Optional<String> url = map.read("url", Values::url);
    url.ifPresent(text -> once(map, "url", "url " + text, "another origin has the same url"));
    return url;
  }

  /** Whether it is the first of that value. */
  private boolean once(YamlMap map, String key, Object value, String problem) {
    Place place = map.placeOf(key);
    Place earlier = seen.putIfAbsent(value, place);
    if (earlier != null) {
      mistakes.add(place, problem + ", in line " + earlier.line() + ". Give each origin its own.");
    }
    return earlier == null;
  }

  private Map<String, String> env(YamlMap origin) {
    Map<String, String> env = new TreeMap<>();
    origin
        .map("env", null)
        .ifPresent(
            map -> {
              for (String variable : map.keys()) {
                checkVariable(map, variable);
                map.read(variable, reader(variable)).ifPresent(value -> env.put(variable, value));
              }
            });
    return env;
  }

  private static YamlMap.Reader<String> reader(String variable) {
    return variable.equals("ENVIRONMENT") ? Values.oneOf(ENVIRONMENTS) : text -> text;
  }

  private void checkVariable(YamlMap map, String variable) {
    Place place = map.placeOf(variable);
    if (!Values.isVariable(variable)) {
      mistakes.add(
          place, "\"" + variable + "\" is no name of an environment variable: use A-Z, 0-9 and _");
    } else if (SECRET.matcher(variable).matches() || secrets.contains(variable)) {
      mistakes.add(
          place,
          variable
              + " is a secret and does not belong here: list its name under secrets, and set its"
              + " value in the environment");
    } else if (RESERVED.contains(variable)) {
      mistakes.add(place, variable + " is set by whoever runs the origin: remove it here");
    }
  }
}
