package com.mcpist.e2e;

import static java.lang.ProcessBuilder.Redirect.DISCARD;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The edge as a self-hoster starts it: its class path, a configuration and a secret in the
 * environment.
 */
class EdgeProgramIT {

  private static final int CALLS = 8;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String TOOLS =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"tools\":[],\"ttlMs\":0,\"cacheScope\":\"private\"}}";

  private final CountDownLatch release = new CountDownLatch(1);

  @Test
  void gracefulStopFinishesTheCallsInFlightAndTakesNoMore() throws Exception {
    int port = Ports.free();
    try (FaultServer origin = FaultServer.start().handle(this::answerResourcesWhenReleased);
        Program edge = Program.edge(EdgeConfig.environment(port, Map.of("one", origin.url())));
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      edge.await("it is ready", () -> health(port) == 200);
      List<Future<McpConnection.Reply>> replies = new ArrayList<>();
      for (int i = 0; i < CALLS; i++) {
        replies.add(clients.submit(() -> listResources(port)));
      }
      edge.await("all are in flight", () -> inFlight(origin) == CALLS);

      edge.terminate();
      edge.await("no new connection is served", () -> refuses(port));
      assertThat(edge.alive()).isTrue();
      release.countDown();

      for (Future<McpConnection.Reply> reply : replies) {
        assertThat(reply.get(1, TimeUnit.MINUTES).status()).isEqualTo(200);
      }
      assertThat(edge.awaitExit(LIMIT)).isZero();
      assertThat(edge.log()).doesNotContain("Exception").doesNotContain(EdgeConfig.SECRET);
    }
  }

  private Behaviour answerResourcesWhenReleased(HttpMessage request) {
    if (request.target().equals("/health")) {
      return Behaviour.answer(200, "{\"status\":\"ok\"}");
    }
    if (request.text().contains("resources/list")) {
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return Behaviour.answer(200, TOOLS);
  }

  private static long inFlight(FaultServer origin) {
    return origin.requests().stream()
        .filter(r -> r.text().contains("resources/list"))
        .map(r -> r.header("X-Call-Id"))
        .distinct()
        .count();
  }

  private static McpConnection.Reply listResources(int port) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      return client.request("resources/list", Map.of());
    }
  }

  private static boolean refuses(int port) throws IOException {
    try (RawHttp http = RawHttp.connect(port)) {
      return http.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
          .readIfAny()
          .filter(a -> a.status() == 200)
          .isEmpty();
    } catch (java.io.UncheckedIOException refused) {
      return true;
    }
  }

  private static int health(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status();
  }

  @Test
  void noOriginAtAllIsAnErrorInTheEndAndNotAHang() throws Exception {
    int port = Ports.free();
    int nobody = Ports.free();
    try (Program edge =
        Program.edge(EdgeConfig.environment(port, Map.of("one", "http://127.0.0.1:" + nobody)))) {
      edge.await("it listens", () -> health(port) == 503);
      McpConnection.Reply reply = listResources(port);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.http().header("Retry-After")).isPresent();
      assertThat(reply.body().at("/error/data/code").asString()).isEqualTo("origin_unavailable");
      assertThat(reply.http().toString()).doesNotContain("Exception", "127.0.0.1:" + nobody);
    }
  }

  static Stream<Arguments> wrongSettings() {
    String secret = EdgeConfig.SECRET;
    return Stream.of(
        Arguments.of(Map.of("GATEWAY_SECRET", secret), "EDGE_CONFIG is not set"),
        Arguments.of(Map.of("EDGE_CONFIG", "{", "GATEWAY_SECRET", secret), "malformed JSON"),
        Arguments.of(
            Map.of("EDGE_CONFIG", "{\"prot\":1}", "GATEWAY_SECRET", secret), "prot: unknown field"),
        Arguments.of(
            Map.of("EDGE_CONFIG", "{\"origins\":[]}", "GATEWAY_SECRET", secret),
            "origins must have one origin or more"),
        Arguments.of(
            Map.of("EDGE_CONFIG", "{\"origins\":[{\"name\":\"a\",\"url\":\"https://a\"}]}"),
            "GATEWAY_SECRET is not set"));
  }

  @ParameterizedTest
  @MethodSource("wrongSettings")
  void wrongSettingsAreOneLineAndExitCodeTwo(
      Map<String, String> environment, String message, @TempDir Path home) throws Exception {
    ProcessBuilder builder = Root.process(home, Root.PATH + "/mcpist", "edge");
    builder.environment().putAll(environment);
    Command.Result edge = Command.run(builder);

    assertThat(edge.code()).as(edge.all()).isEqualTo(2);
    assertThat(edge.all()).hasLineCount(1).contains(message).doesNotContain(EdgeConfig.SECRET);
  }

  @Test
  void theLauncherRunsItAndItsSignalStopsItGracefully(@TempDir Path home) throws Exception {
    int port = Ports.free();
    try (FaultServer origin = FaultServer.start().handle(this::answerResourcesWhenReleased)) {
      ProcessBuilder builder = Root.process(home, Root.PATH + "/mcpist", "edge");
      builder.environment().putAll(EdgeConfig.environment(port, Map.of("one", origin.url())));
      Process edge = builder.redirectErrorStream(true).redirectOutput(DISCARD).start();
      Set<ProcessHandle> all = new HashSet<>();
      try {
        Conditions.await("it is ready", LIMIT, () -> health(port) == 200);
        edge.descendants().forEach(all::add);
        release.countDown();
        assertThat(listResources(port).servedBy()).isEqualTo("one");

        edge.destroy();
        assertThat(edge.waitFor(1, TimeUnit.MINUTES)).isTrue();
        Processes.awaitGone(all, LIMIT);
      } finally {
        all.forEach(ProcessHandle::destroyForcibly);
        edge.destroyForcibly();
      }
    }
  }

  @Test
  void aPortThatIsTakenIsOneLine(@TempDir Path home) throws Exception {
    try (FaultServer taken = FaultServer.start()) {
      ProcessBuilder builder = Root.process(home, Root.PATH + "/mcpist", "edge");
      builder
          .environment()
          .putAll(EdgeConfig.environment(taken.port(), Map.of("one", taken.url())));
      Command.Result edge = Command.run(builder);

      assertThat(edge.code()).as(edge.all()).isEqualTo(1);
      assertThat(edge.err())
          .hasLineCount(1)
          .contains("cannot listen on 127.0.0.1:" + taken.port(), "in use");
    }
  }
}
