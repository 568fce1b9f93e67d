package com.mcpist.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.SocketActivation;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the program with a listening socket as its standard input. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InheritedSocketTest {
  private static final long LIMIT_SECONDS = 60;
  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String TOKEN = "the-admin-token-of-a-test-0123456789";

  private final int adminPort = Ports.free();
  private Process starter;
  private BufferedReader lines;
  private ProcessHandle edge;
  private int port;

  // Each test calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  InheritedSocketTest() {}

  @AfterEach
  void leaveNoProcess() throws IOException {
    edge.destroyForcibly();
    starter.destroyForcibly();
    lines.close();
  }

  @Test
  void acceptsFromItAndItsOwnAddressIsNotLookedAt() throws Exception {
    String listens = start();
    assertThat(listens).contains("127.0.0.1:" + port, "a socket that it was given");
    assertThat(RawHttp.exchange(port, HEALTH).status()).isEqualTo(503);
    assertThat(
            RawHttp.exchange(
                    port, HEALTH.replace("/health", "/mcp").replace("localhost", "evil.example"))
                .status())
        .as("the names are those of the socket's address, not of any")
        .isEqualTo(421);
  }

  @Test
  void afterItsStopConnectionsWaitAndItsLastLinesAreSeen() throws Exception {
    start();
    try (RawHttp kept = RawHttp.connect(port)) {
      assertThat(kept.send(HEALTH).read().status()).isEqualTo(503);
      edge.destroy();
      assertThat(lines.lines().collect(Collectors.joining("\n"))).contains("edge stopped");
      assertThat(kept.closesWithin(Conditions.LIMIT)).isTrue();
    }
    assertThat(exitCode()).isZero();
  }

  @Test
  void aRetiredOneServesWhoIsConnectedAndEndsWithTheLast() throws Exception {
    start();
    try (RawHttp kept = RawHttp.connect(port);
        RawHttp idle = RawHttp.connect(port)) {
      assertThat(kept.send(HEALTH).read().header("Connection")).isEmpty();
      assertThat(idle.send(HEALTH).read().header("Connection")).isEmpty();

      assertThat(retire()).isEqualTo(202);

      HttpMessage last = kept.send(HEALTH).read();
      assertThat(last.status()).isEqualTo(503);
      assertThat(last.header("Connection")).contains("close");
      try (RawHttp waiting = RawHttp.connect(port).send(HEALTH)) {
        assertThat(idle.send(HEALTH).read().header("Connection")).contains("close");
        assertThat(exitCode()).isZero();
        assertThat(waiting.readIfAny()).as("nobody has accepted it").isEmpty();
      }
    }
  }

  private int retire() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + "/retire"))
              .header("Authorization", "Bearer " + TOKEN)
              .POST(BodyPublishers.noBody())
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  /** Starts the program, and returns the line that says where it listens. */
  private String start() throws IOException {
    // Nothing listens on port 1: an edge without a healthy origin accepts all the same.
    String config =
        """
        {"host":"0.0.0.0","port":1,"adminPort":%d,"origins":[{"name":"a","url":"http://127.0.0.1:1"}]}
        """
            .formatted(adminPort);
    List<String> command = SocketActivation.command(MainTest.command());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.environment().putAll(Map.of("GATEWAY_SECRET", MainTest.SECRET, "EDGE_CONFIG", config));
    builder.environment().put("EDGE_ADMIN_TOKEN", TOKEN);
    starter = builder.start();
    lines = starter.inputReader();
    port =
        Integer.parseInt(
            awaitLine(SocketActivation.PORT).substring(SocketActivation.PORT.length()));
    String listens = awaitLine("edge listens on");
    edge = starter.children().findFirst().orElseThrow();
    return listens;
  }

  private String awaitLine(String part) {
    return Conditions.awaitValue(
        part,
        Conditions.LIMIT,
        () -> Optional.ofNullable(lines.readLine()).filter(line -> line.contains(part)));
  }

  private int exitCode() throws InterruptedException {
    assertThat(starter.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return starter.exitValue();
  }
}
