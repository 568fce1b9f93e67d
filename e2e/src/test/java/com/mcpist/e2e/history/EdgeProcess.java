package com.mcpist.e2e.history;

import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.WorkerProcess;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An edge of a world: it stays at its port when it is killed and started again. */
final class EdgeProcess implements AutoCloseable {
  private static final String ADMIN_TOKEN = "the-admin-token-of-a-test-0123456789abcdef";
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final EdgeKind kind;
  private final ObjectNode config;
  private final Map<String, String> more;
  private final int port = Ports.free();
  private final int adminPort = Ports.free();
  private final Path journal;
  private @Nullable Program program;
  private @Nullable WorkerProcess worker;

  /**
   * Starts it.
   *
   * @param more environment variables of the Java edge
   */
  EdgeProcess(EdgeKind kind, ObjectNode config, Map<String, String> more) throws IOException {
    this.kind = kind;
    this.more = more;
    this.config = config.deepCopy();
    this.journal = Files.createTempDirectory("mcpist-journal");
    if (kind == EdgeKind.JAVA) {
      this.config.put("host", "127.0.0.1").put("port", port).put("adminPort", adminPort);
    }
    start();
  }

  EdgeKind kind() {
    return kind;
  }

  int port() {
    return port;
  }

  synchronized void start() throws IOException {
    if (kind == EdgeKind.JAVA) {
      Map<String, String> environment = new HashMap<>(more);
      environment.put("EDGE_CONFIG", config.toString());
      environment.put("GATEWAY_SECRET", EdgeConfig.SECRET);
      environment.put("EDGE_ADMIN_TOKEN", ADMIN_TOKEN);
      environment.put("EDGE_JOURNAL", journal.toString());
      Program started = Program.edge(environment);
      program = started;
      started.await("the edge listens", () -> status().isObject());
    } else {
      worker =
          WorkerProcess.start(
              Map.of(
                  "EDGE_CONFIG",
                  config.toString(),
                  "GATEWAY_SECRET",
                  EdgeConfig.SECRET,
                  "ADMIN_TOKEN",
                  ADMIN_TOKEN,
                  "PORT",
                  Integer.toString(port)));
    }
  }

  /** SIGKILL. */
  synchronized void kill() throws IOException {
    if (program != null) {
      program.close();
    }
    if (worker != null) {
      worker.kill();
    }
  }

  /** {@code drain} or {@code undrain}. */
  void change(String origin, String verb) throws IOException {
    HttpMessage answer = administer("POST", "/origins/" + origin + "/" + verb + "?force=true");
    if (answer.status() / 100 != 2) {
      throw new AssertionError(answer.toString());
    }
  }

  /** Whether it has all origins healthy but these, and prefers the first of the others. */
  boolean isWell(Set<String> drained) {
    try {
      boolean first = true;
      for (JsonNode origin : status().path("origins")) {
        if (drained.contains(origin.path("name").asString(""))) {
          continue;
        }
        if (!origin.path("state").asString("").equals("healthy")
            || (first && !origin.path("active").asBoolean(false))) {
          return false;
        }
        first = false;
      }
      return true;
    } catch (IOException | RuntimeException _) {
      return false;
    }
  }

  void awaitWell(Set<String> drained) {
    Conditions.awaitValue(
        kind + " is well",
        LIMIT,
        () -> {
          if (isWell(drained)) {
            return Optional.of(true);
          }
          throw new AssertionError(status() + log());
        });
  }

  /** How far its machine's clock is ahead of the database's, as it says. */
  long skewMillis() throws IOException {
    return status().path("clockSkewMillis").asLong(0);
  }

  private JsonNode status() throws IOException {
    return JSON.readTree(administer("GET", "/status").body());
  }

  private HttpMessage administer(String method, String path) throws IOException {
    boolean isJava = kind == EdgeKind.JAVA;
    try (RawHttp http = RawHttp.connect(isJava ? adminPort : port)) {
      return http.patience(Duration.ofSeconds(10))
          .send(
              "%s %s%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 0\r\n\r\n"
                  .formatted(method, isJava ? "" : "/api/edge", path, ADMIN_TOKEN))
          .read();
    }
  }

  synchronized String log() throws IOException {
    if (program != null) {
      return program.log();
    }
    return worker == null ? "" : worker.log();
  }

  @Override
  public void close() throws IOException {
    kill();
    try (Stream<Path> files = Files.walk(journal)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
