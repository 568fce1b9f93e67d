package com.mcpist.deploy.config;

import com.mcpist.deploy.config.YamlMap.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/** From the file's nodes to the records; every rejection names its line. */
final class DeploymentReader {
  static final Set<String> TOP = ordered("service", "origins", "monitor", "edge");
  static final Set<String> ORIGIN = ordered("name", "platform", "url", "env");
  static final Set<String> MONITOR =
      ordered(
          "path",
          "interval",
          "timeout",
          "retries",
          "consecutive_down",
          "consecutive_up",
          "expected_body",
          "expected_code");
  static final Set<String> EDGE =
      ordered("wait", "connect_timeout", "idle_timeout", "max_body", "replay");

  private static final Set<String> PLATFORMS = ordered("koyeb", "fly");
  private static final Set<String> ENVIRONMENTS =
      ordered("production-primary", "production-standby");
  private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]*");
  private static final Pattern SECRET =
      Pattern.compile("(.*_)?(KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL)");

  /** What whoever runs an origin sets: a file that set it too would contradict them. */
  private static final Set<String> RESERVED =
      Set.of("HOST", "PORT", "RELEASE", "IMAGE_DIGEST", "INSTANCE", "MCPIST_SUPERVISED");

  private final String file;

  DeploymentReader(String file) {
    this.file = file;
  }

  Deployment deployment(Node root) throws ConfigException {
    YamlMap top = new YamlMap(file, root, "the file", TOP);
    Optional<Scalar> service = top.scalar("service");
    return new Deployment(
        service.isPresent() ? Values.name(service.get()) : "mcpist",
        origins(top),
        monitor(section(top, "monitor", MONITOR)),
        edge(section(top, "edge", EDGE)));
  }

  private Optional<YamlMap> section(YamlMap top, String name, Set<String> keys)
      throws ConfigException {
    Optional<Node> node = top.node(name);
    return node.isEmpty()
        ? Optional.empty()
        : Optional.of(new YamlMap(file, node.get(), name, keys));
  }

  private List<Origin> origins(YamlMap top) throws ConfigException {
    Map<String, Integer> lines = new LinkedHashMap<>();
    List<Origin> origins = new ArrayList<>();
    for (Node node : top.list("origins")) {
      YamlMap map = new YamlMap(file, node, "an origin", ORIGIN);
      Origin origin = origin(map);
      Integer earlier = lines.put(origin.name(), map.lineOf("name"));
      if (earlier != null) {
        throw new ConfigException(
            file,
            map.lineOf("name"),
            "there is already an origin \""
                + origin.name()
                + "\", in line "
                + earlier
                + ". Give each a name of its own.");
      }
      origins.add(origin);
    }
    if (origins.isEmpty()) {
      throw new ConfigException(
          file, top.lineOf("origins"), "origins must name one origin at least (- name: …)");
    }
    return origins;
  }

  private Origin origin(YamlMap map) throws ConfigException {
    Scalar name =
        map.scalar("name")
            .orElseThrow(() -> new ConfigException(file, map.line(), "an origin needs a name"));
    Optional<Scalar> platform = map.scalar("platform");
    Optional<Scalar> url = map.scalar("url");
    return new Origin(
        Values.name(name),
        platform.isPresent() ? Optional.of(oneOf(platform.get(), PLATFORMS)) : Optional.empty(),
        url.isPresent() ? Optional.of(Values.url(url.get())) : Optional.empty(),
        env(map));
  }

  private Map<String, String> env(YamlMap origin) throws ConfigException {
    Optional<Node> node = origin.node("env");
    if (node.isEmpty()) {
      return Map.of();
    }
    YamlMap map = new YamlMap(file, node.get(), "env", null);
    Map<String, String> env = new TreeMap<>();
    for (String variable : map.keys()) {
      checkVariable(map, variable);
      Optional<Scalar> value = map.scalar(variable);
      if (value.isPresent()) {
        env.put(
            variable,
            variable.equals("ENVIRONMENT") ? oneOf(value.get(), ENVIRONMENTS) : value.get().text());
      }
    }
    return env;
  }

  private void checkVariable(YamlMap map, String variable) throws ConfigException {
    int line = map.lineOf(variable);
    if (!VARIABLE.matcher(variable).matches()) {
      throw new ConfigException(
          file,
          line,
          "\"" + variable + "\" is no name of an environment variable: use A-Z, 0-9 and _");
    }
    if (SECRET.matcher(variable).matches()) {
      throw new ConfigException(
          file,
          line,
          variable + " is a secret and does not belong in this file: set it in the environment");
    }
    if (RESERVED.contains(variable)) {
      throw new ConfigException(
          file, line, variable + " is set by whoever runs the origin: remove it here");
    }
  }

  private Monitor monitor(Optional<YamlMap> section) throws ConfigException {
    Monitor standard = Monitor.DEFAULT;
    if (section.isEmpty()) {
      return standard;
    }
    YamlMap map = section.get();
    Duration interval = duration(map, "interval", standard.interval());
    Duration timeout = duration(map, "timeout", standard.timeout());
    if (timeout.compareTo(interval) >= 0) {
      throw new ConfigException(
          file,
          map.lineOf(map.keys().contains("timeout") ? "timeout" : "interval"),
          "timeout must be less than interval");
    }
    Optional<Scalar> path = map.scalar("path");
    Optional<Scalar> body = map.scalar("expected_body");
    return new Monitor(
        path.isPresent() ? Values.path(path.get()) : standard.path(),
        interval,
        timeout,
        integer(map, "retries", standard.retries(), 0, 10),
        integer(map, "consecutive_down", standard.consecutiveDown(), 1, 100),
        integer(map, "consecutive_up", standard.consecutiveUp(), 1, 100),
        body.isPresent() ? Values.text(body.get()) : standard.expectedBody(),
        integer(map, "expected_code", standard.expectedCode(), 200, 599));
  }

  private Edge edge(Optional<YamlMap> section) throws ConfigException {
    Edge standard = Edge.DEFAULT;
    if (section.isEmpty()) {
      return standard;
    }
    YamlMap map = section.get();
    Optional<Scalar> maxBody = map.scalar("max_body");
    Optional<Scalar> replay = map.scalar("replay");
    return new Edge(
        duration(map, "wait", standard.waitLimit()),
        duration(map, "connect_timeout", standard.connectTimeout()),
        duration(map, "idle_timeout", standard.idleTimeout()),
        maxBody.isPresent() ? Values.size(maxBody.get()) : standard.maxBodyBytes(),
        replay.isPresent() && oneOf(replay.get(), ordered("all", "safe")).equals("safe")
            ? Edge.Replay.SAFE
            : Edge.Replay.ALL);
  }

  private static Duration duration(YamlMap map, String key, Duration standard)
      throws ConfigException {
    Optional<Scalar> scalar = map.scalar(key);
    return scalar.isPresent() ? Values.duration(scalar.get()) : standard;
  }

  private static int integer(YamlMap map, String key, int standard, int least, int most)
      throws ConfigException {
    Optional<Scalar> scalar = map.scalar(key);
    return scalar.isPresent() ? Values.integer(scalar.get(), least, most) : standard;
  }

  private static String oneOf(Scalar scalar, Set<String> values) throws ConfigException {
    if (!values.contains(scalar.text())) {
      throw scalar.wrong(
          "must be "
              + String.join(" or ", values)
              + ", not \""
              + scalar.text()
              + "\"."
              + Spelling.hint(scalar.text(), values));
    }
    return scalar.text();
  }

  private static Set<String> ordered(String... names) {
    return new LinkedHashSet<>(List.of(names));
  }
}
