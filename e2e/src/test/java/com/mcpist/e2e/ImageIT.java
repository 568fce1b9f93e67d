package com.mcpist.e2e;

import static com.mcpist.e2e.harness.ImageBuild.RELEASE;
import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Container;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.ImageBuild;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.e2e.harness.Spy;
import com.mcpist.e2e.security.CostlyCall;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The image that the Dockerfile makes, and a pair of containers that run it behind an edge. */
@Tag("long")
@Needs(Need.CONTAINERS)
@SuppressWarnings("NullAway.Init") // Nothing is stopped that was not started.
class ImageIT {

  private static final String DIGEST = "sha256:" + "e".repeat(64);
  private static final long MOST_BYTES = 130_000_000;
  private static final int CLIENTS = 16;
  private static final int SOME = 100;
  private static final List<String> ORIGINS = List.of(PRIMARY, STANDBY);

  private static final Map<String, Integer> PORTS = new LinkedHashMap<>();
  private static final Map<String, Container> CONTAINERS = new LinkedHashMap<>();
  private static final int EDGE_PORT = Ports.free();

  private static PostgresServer database;
  private static Program edge;

  @BeforeAll
  @Timeout(value = ImageBuild.LIMIT_MINUTES, unit = TimeUnit.MINUTES)
  static void start() throws Exception {
    ImageBuild.run();
    database = PostgresServer.start();
    Map<String, String> urls = new LinkedHashMap<>();
    for (String origin : ORIGINS) {
      PORTS.put(origin, Ports.free());
      urls.put(origin, "http://127.0.0.1:" + PORTS.get(origin));
      CONTAINERS.put(origin, startOrigin(origin));
    }
    edge = Program.edge(EdgeConfig.environment(EDGE_PORT, urls));
  }

  @AfterAll
  static void stop() throws Exception {
    if (edge != null) {
      edge.close();
    }
    for (Container container : CONTAINERS.values()) {
      container.close();
    }
    if (database != null) {
      database.close();
    }
  }

  @BeforeEach
  void bothAreHealthy() throws IOException {
    for (String origin : ORIGINS) {
      container(origin).await(origin + " is healthy", () -> health(origin, "").status() == 200);
    }
    edge.await("the edge answers", () -> get(EDGE_PORT, "/health", "").status() == 200);
  }

  private static Container startOrigin(String origin) throws IOException {
    return Container.start(
        Map.of(
            "ENVIRONMENT",
            origin.equals(PRIMARY) ? "production-primary" : "production-standby",
            "LOG_PREFIX",
            "[" + origin + "]",
            "GATEWAY_SECRET",
            EdgeConfig.SECRET,
            "IMAGE_DIGEST",
            DIGEST,
            "DATABASE_URL",
            database.originUrl(),
            "MIGRATION_DATABASE_URL",
            database.url(),
            // Its one user calls more than a user's plan allows.
            "LIMITS",
            "off",
            "PORT",
            Integer.toString(port(origin))));
  }

  @Test
  void itIsSmall() throws IOException {
    assertThat(Container.compressedImageBytes()).isLessThan(MOST_BYTES);
  }

  @Test
  void itSaysWhatItIsAndHowItIsRun() throws IOException {
    JsonNode image = Container.image();
    JsonNode config = image.path("Config");

    assertThat(config.path("User").asString()).isEqualTo("10001:10001");
    assertThat(config.path("StopSignal").asString()).isEqualTo("SIGTERM");
    assertThat(config.path("ExposedPorts").propertyNames()).containsExactly("8000/tcp");
    assertThat(image.path("Healthcheck").path("Test").toString()).contains("healthcheck");
    assertThat(config.path("Labels").path("org.opencontainers.image.version").asString())
        .isEqualTo(RELEASE);
    assertThat(config.path("Env").toString()).contains("RELEASE=" + RELEASE);
  }

  @Test
  void itStartsFromItsCacheAndNotWithoutASecret() throws IOException {
    // With this flag the JVM ends, with 1, when it does not accept the cache.
    Command.Result result = Container.result("-XX:AOTMode=on");

    assertThat(result.all()).contains("GATEWAY_SECRET is not set");
    assertThat(result.code()).isEqualTo(2);
  }

  @Test
  void itRunsAsAUserWhoMayDoNothing() throws IOException {
    Container primary = container(PRIMARY);

    assertThat(primary.status("Uid")).matches("10001\\s+10001\\s+10001\\s+10001");
    assertThat(primary.status("CapEff")).matches("0+");
    assertThat(primary.status("CapBnd")).matches("0+");
  }

  @Test
  void onlyWhoHasTheSecretGetsMoreThanItsHealth() throws IOException {
    for (String origin : ORIGINS) {
      assertThat(health(origin, "").text()).isEqualTo("{\"status\":\"ok\"}");
      assertThat(health(origin, "\r\nX-Gateway-Secret: " + EdgeConfig.SECRET).text())
          .contains("\"release\":\"" + RELEASE + "\"", "\"environment\":\"production-");
      for (String secret : List.of("", "\nX-Gateway-Secret: wrong" + EdgeConfig.SECRET)) {
        String list = McpConnection.request("/mcp", "tools/list", Map.of(), secret.strip());
        assertThat(RawHttp.exchange(port(origin), list).status()).isEqualTo(403);
      }
    }
  }

  @Test
  void itsHealthCheckIsItsHealth() throws IOException {
    Container standby = container(STANDBY);
    assertThat(standby.healthCheck()).isZero();

    database.stop();
    try {
      standby.await("it notices", () -> health(STANDBY, "").status() == 503);
      assertThat(standby.healthCheck()).isEqualTo(1);
    } finally {
      database.resume();
    }
  }

  @Test
  void whatIsSavedThroughOneIsFoundThroughTheOther() throws IOException {
    String id;
    try (McpConnection client = McpConnection.open(EDGE_PORT)) {
      id =
          client
              .call("memory_save", Map.of("title", "The blue folder", "text", "日本語も"))
              .structured()
              .findPath("id")
              .asString();
    }
    for (String origin : ORIGINS) {
      try (McpConnection client = McpConnection.open(port(origin))) {
        String secret = "X-User-Id: local\nX-Gateway-Secret: " + EdgeConfig.SECRET;
        var found = client.call("memory_search", Map.of("query", "blue 日本"), secret).structured();
        assertThat(found.findValuesAsString("id")).contains(id);
      }
    }
  }

  @Test
  void itIsVerifiedAsADeploymentIs(@TempDir Path home) throws IOException {
    Files.writeString(
        home.resolve("mcpist.yml"),
        """
        auth: none
        origins:
          - {name: koyeb-primary, platform: koyeb, app: a, service: b, url: "http://127.0.0.1:%d"}
          - {name: flyio-standby, platform: fly, app: a, url: "http://127.0.0.1:%d"}
        """
            .formatted(port(PRIMARY), port(STANDBY)));
    ProcessBuilder verify =
        Root.process(
                home,
                Root.PATH.resolve("mcpist").toString(),
                "verify",
                "--edge",
                "http://127.0.0.1:" + EDGE_PORT)
            .directory(home.toFile());
    verify.environment().put("GATEWAY_SECRET", EdgeConfig.SECRET);

    Command.Result result = Command.run(verify);

    assertThat(result.code()).as(result.all()).isZero();
    assertThat(result.out()).contains("Verified: everything holds.");
  }

  /** With podman's defaults, and as narrowly as the image may run. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMountedProgramReadsNothingOfTheOrigin(boolean narrow) throws Exception {
    int port = Ports.free();
    String mounts =
        """
        {"mcpServers": {"spy": {"command": "perl", "args": ["%s"]}}}
        """
            .formatted(Spy.program());
    try (Container container =
        Container.start(
            narrow,
            Spy.program(),
            Map.of(
                "ENVIRONMENT",
                "development",
                "GATEWAY_SECRET",
                EdgeConfig.SECRET,
                "DATABASE_URL",
                database.originUrl(),
                "MIGRATION_DATABASE_URL",
                database.url(),
                "MOUNTS",
                mounts,
                "PORT",
                Integer.toString(port)))) {
      container.await("it is healthy", () -> get(port, "/health", "").status() == 200);
      try (McpConnection client = McpConnection.open(port)) {
        String secret = "X-User-Id: local\nX-Gateway-Secret: " + EdgeConfig.SECRET;
        String told =
            client
                .call("spy_spy", Map.of("files", List.of("/proc/1/environ")), secret)
                .result()
                .at("/content/0/text")
                .asString("");
        assertThat(told).as(told + container.log()).doesNotContain("GOT");
        // A container's /proc hides parts of it, and so is not mounted again: the origin is seen.
        assertThat(told).contains("others, is 10001").doesNotContain("sees 0 others");
        assertThat(Spy.tried(told)).isGreaterThan(60);
      }
      assertThat(container.log()).contains("Mounted programs are contained");
      assertThat(get(port, "/health", "").status()).isEqualTo(200);
    }
  }

  @Test
  void costlyCallsEndNoContainer() throws Exception {
    for (CostlyCall call : CostlyCall.ofOwnTools()) {
      String request = call.request("any");
      AtomicInteger answers = new AtomicInteger();
      Load attack =
          Load.start(
              EDGE_PORT,
              call.connections(),
              Duration.ZERO,
              (_, _, _) -> {
                RawHttp.exchange(EDGE_PORT, request);
                answers.incrementAndGet();
                return "";
              });
      Conditions.await(call + " is answered", () -> answers.get() >= 2 * call.connections());
      assertThat(attack.stop().failures()).as(call.toString()).isEmpty();
    }
    for (String origin : ORIGINS) {
      assertThat(container(origin).outOfMemory()).isFalse();
      assertThat(health(origin, "").status()).isEqualTo(200);
    }
  }

  @Test
  void oneThatIsStoppedAnswersWhatItHas() throws Exception {
    try (Savers savers = Savers.start(EDGE_PORT, CLIENTS)) {
      savers.awaitMore(SOME, PRIMARY);
      int code = container(PRIMARY).stop();
      savers.awaitMore(SOME, STANDBY);

      savers.stop(database.dataSource()).assertAllSavedOnce();
      assertThat(code).isZero();
      assertThat(container(PRIMARY).log()).contains("[koyeb-primary]").contains("Stopped");
      assertThat(container(STANDBY).outOfMemory()).isFalse();
    }
    container(PRIMARY).close();
    CONTAINERS.put(PRIMARY, startOrigin(PRIMARY));
  }

  private static Container container(String origin) {
    return Optional.ofNullable(CONTAINERS.get(origin)).orElseThrow();
  }

  private static int port(String origin) {
    return PORTS.getOrDefault(origin, 0);
  }

  private static HttpMessage health(String origin, String headers) throws IOException {
    return get(port(origin), "/health", headers);
  }

  private static HttpMessage get(int port, String path, String headers) throws IOException {
    return RawHttp.exchange(
        port, "GET %s HTTP/1.1\r\nHost: localhost%s\r\n\r\n".formatted(path, headers));
  }
}
