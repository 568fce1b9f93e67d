package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.cli.console.Output;
import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line as a process of its own, with a home, a folder and programs of its own. */
final class Mcpist {
  static final Duration LIMIT = Duration.ofSeconds(90);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path folder;
  private final Path app;
  final Map<String, String> environment = new TreeMap<>();

  record Result(int code, String out, String err) {}

  /**
   * @param folder an empty one
   */
  Mcpist(Path folder) throws IOException {
    this.folder = folder;
    this.app = StandInApp.assemble(folder.resolve("app"));
    environment.put("HOME", folder.toString());
    environment.put("PATH", System.getenv("PATH"));
    // Unpacked once for all tests.
    environment.put("XDG_CACHE_HOME", Path.of("target", "test-cache").toAbsolutePath().toString());
  }

  Path folder() {
    return folder;
  }

  Path data() {
    return folder.resolve(".local/share/mcpist");
  }

  ProcessBuilder command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dmcpist.app=" + app,
            "-Dmcpist.release=r1",
            "-Dmcpist.launcher=" + folder.resolve("mcpist"),
            "-cp",
            System.getProperty("java.class.path"),
            "com.mcpist.cli.Main"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  Result run(String... arguments) throws IOException, InterruptedException {
    return runWith("", arguments);
  }

  /** With that on standard input. */
  Result runWith(String input, String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    Process process =
        command(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It ends without reading.
    }
    if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("no end: " + List.of(arguments) + Files.readString(out));
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /**
   * All processes of this folder's pair and command lines, but for short-lived children of theirs.
   */
  List<ProcessHandle> processes() {
    return ProcessHandle.allProcesses().filter(process -> isOurs(process.pid())).toList();
  }

  private boolean isOurs(long pid) {
    return arguments(pid).contains(folder.toString());
  }

  /** A process's command line. */
  static String arguments(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
    } catch (IOException | UncheckedIOException _) {
      return ""; // It is gone.
    }
  }

  void awaitNoProcess() {
    Conditions.await("no process is left", LIMIT, () -> processes().isEmpty());
  }

  /** Whatever a test has left, and what that was just starting. */
  void killAll() {
    Conditions.await(
        "no process is left",
        LIMIT,
        () -> {
          List<ProcessHandle> left = processes();
          left.forEach(ProcessHandle::destroyForcibly);
          return left.isEmpty();
        });
  }

  Result up() throws Exception {
    Result up = run("up", "--detach", "--port", "0");
    assertThat(up.code()).as(up.out() + up.err()).isZero();
    return up;
  }

  /**
   * What {@code status --json} prints, asked where that asks: a JVM for each look would be most of
   * the work of a machine that is waited for.
   */
  JsonNode status() throws Exception {
    PairStatus status = new LocalPair(data(), environment).status().orElseThrow();
    return JsonMapper.shared().readTree(Output.json(status));
  }

  /** Without the path. */
  static String edge(JsonNode status) {
    return status.path("edge").path("url").asString().replaceFirst("/mcp$", "");
  }

  ProcessHandle supervisor() throws IOException {
    long pid = Long.parseLong(Files.readAllLines(data().resolve("pair")).getFirst());
    return ProcessHandle.of(pid).orElseThrow();
  }

  long postmaster() throws IOException {
    Path file = data().resolve("postgres/postmaster.pid");
    return Long.parseLong(Files.readAllLines(file).getFirst());
  }

  String environmentOfOrigin(int place) throws Exception {
    URI origin = URI.create(status().path("origins").path(place).path("url").asString());
    SocketHttp.Request request = SocketHttp.Request.of("GET", "/environment");
    return SocketHttp.send(origin, request, Conditions.LIMIT).text();
  }

  String databaseUrl() throws Exception {
    return environmentOfOrigin(0).split(";", -1)[2];
  }

  String get(URI uri) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  static Connection connect(String url) throws SQLException {
    return new DatabaseUrl(url).connect();
  }

  static String value(Connection connection, String query) throws SQLException {
    try (ResultSet rows = connection.createStatement().executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).start().waitFor();
  }
}
