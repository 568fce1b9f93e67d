package com.mcpist.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the program as a process, with the flags that it ships with. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MainTest {
  static final String SECRET = "a-gateway-secret-of-forty-characters-0000";
  private static final long LIMIT_SECONDS = 60;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void leaveNoProcess() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void stopsOnSigtermWithExitCode0() throws Exception {
    Process edge = start(Map.of("EDGE_CONFIG", config(0), "LOG_PREFIX", "[edge]"));
    try (BufferedReader lines = edge.inputReader()) {
      String listening = awaitLine(lines, "edge listens on");
      assertThat(listening).startsWith("[edge] 20").doesNotContain(SECRET);
      edge.toHandle().destroy();
      assertThat(exit(edge)).isZero();
      assertThat(lines.lines().collect(Collectors.joining("\n"))).contains("edge stopped");
    }
  }

  @Test
  void answersItsOperatorOnTheLoopbackAddress() throws Exception {
    int port = freePort();
    String json = config(0).replaceFirst("\\{", "{\"adminPort\":" + port + ",");
    Process edge = start(Map.of("EDGE_CONFIG", json, "EDGE_ADMIN_TOKEN", SECRET));
    try (BufferedReader lines = edge.inputReader();
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(awaitLine(lines, "edge listens on")).isNotEmpty();
      HttpRequest status =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/status"))
              .header("Authorization", "Bearer " + SECRET)
              .build();
      assertThat(client.send(status, BodyHandlers.ofString()).body())
          .contains("\"name\":\"a\"", "\"active\":false", "\"release\":null");
      edge.toHandle().destroy();
      assertThat(exit(edge)).isZero();
    }
  }

  @Test
  void saysInOneLineThatItsPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process edge = start(Map.of("EDGE_CONFIG", config(taken.getLocalPort())));
      assertThat(errors(edge))
          .containsExactly(
              "edge: cannot listen on 127.0.0.1:%d: the address is in use or not this machine's"
                  .formatted(taken.getLocalPort()));
      assertThat(exit(edge)).isEqualTo(1);
    }
  }

  @Test
  void saysInOneLineWhatIsMalformed() throws Exception {
    Process edge = start(Map.of("EDGE_CONFIG", "{\"origins\":[]}"));
    assertThat(errors(edge))
        .containsExactly("edge: EDGE_CONFIG: origins must have one origin or more");
    assertThat(edge.inputReader().lines()).isEmpty();
    assertThat(exit(edge)).isEqualTo(2);
  }

  @Test
  void isNotOpenToANetworkUnlessItIsToldToBe() throws Exception {
    String open = config(0).replaceFirst("\\{", "{\"host\":\"0.0.0.0\",");
    Process edge = start(Map.of("EDGE_CONFIG", open));
    assertThat(errors(edge))
        .singleElement()
        .asString()
        .startsWith("edge: EDGE_CONFIG has no auth, and others than this machine reach");
    assertThat(exit(edge)).isEqualTo(2);
    String nameless = open.replaceFirst("\\{", "{\"auth\":\"none\",");
    Process anyName = start(Map.of("EDGE_CONFIG", nameless));
    assertThat(errors(anyName)).singleElement().asString().contains("add \"allowedHosts\"");
    assertThat(exit(anyName)).isEqualTo(2);
    String named = nameless.replaceFirst("\\{", "{\"allowedHosts\":[\"mcp.example.com\"],");
    Process told = start(Map.of("EDGE_CONFIG", named));
    try (BufferedReader lines = told.inputReader()) {
      assertThat(awaitLine(lines, "edge listens on")).isNotEmpty();
      told.toHandle().destroy();
      assertThat(exit(told)).isZero();
    }
  }

  private static String config(int port) {
    // Nothing listens on port 1: the edge must start and stop all the same.
    return "{\"port\":%d,\"origins\":[{\"name\":\"a\",\"url\":\"http://127.0.0.1:1\"}]}"
        .formatted(port);
  }

  private Process start(Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command());
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.environment().put("GATEWAY_SECRET", SECRET);
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  static List<String> command() {
    Path module = Path.of(System.getProperty("mcpist.root"), "edge");
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "@" + module.resolve("src/main/jvm/jvm.options"),
        // The program ends before the second compiler pays.
        "-XX:TieredStopAtLevel=1",
        "-cp",
        productClassPath(),
        "com.mcpist.edge.Main");
  }

  /**
   * Returns the class path without the tests' own folder, whose logging settings are not the
   * program's.
   */
  private static String productClassPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.endsWith("test-classes"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String awaitLine(BufferedReader lines, String part) {
    return Conditions.awaitValue(
        part,
        Conditions.LIMIT,
        () -> Optional.ofNullable(lines.readLine()).filter(line -> line.contains(part)));
  }

  private static int exit(Process process) throws InterruptedException {
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static List<String> errors(Process process) {
    return process.errorReader(StandardCharsets.UTF_8).lines().toList();
  }

  private static int freePort() {
    return Ports.free();
  }
}
