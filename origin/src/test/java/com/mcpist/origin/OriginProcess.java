package com.mcpist.origin;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * An origin as a process of its own, with the flags that it ships with, and without limits to its
 * users.
 */
public final class OriginProcess implements AutoCloseable {
  private static final String SECRET = "s".repeat(40);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Process process;
  private final int port;

  private OriginProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts the origin with these variables beside those that it needs, and waits until it is
   * healthy.
   */
  public static OriginProcess start(TestDatabase database, Path folder, Map<String, String> more)
      throws IOException {
    int port = Ports.free();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + Path.of("src/main/jvm/jvm.options").toAbsolutePath(),
            "-Dlogback.configurationFile=logback.xml",
            "-cp",
            System.getProperty("java.class.path"),
            "com.mcpist.origin.Main");
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("ENVIRONMENT", "production-primary");
    environment.put("GATEWAY_SECRET", SECRET);
    environment.put("HOST", "127.0.0.1");
    environment.put("PORT", Integer.toString(port));
    environment.put("LIMITS", "off");
    environment.put("DATABASE_URL", database.originUrl());
    environment.put("MIGRATION_DATABASE_URL", database.url());
    environment.putAll(more);
    Path log = Files.createTempFile(folder, "origin", ".log");
    OriginProcess origin =
        new OriginProcess(
            builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(), port);
    Conditions.await("it is healthy", () -> !origin.instance().isEmpty());
    return origin;
  }

  /** Returns the instance that answers, or an empty text if none answers. */
  public String instance() throws InterruptedException {
    try {
      HttpResponse<String> health = send(to("/health", "ann").GET().build()).get();
      return health.statusCode() == 200
          ? Definitions.json(health.body()).path("instance").asString()
          : "";
    } catch (ExecutionException e) {
      return "";
    }
  }

  /** Returns the largest resident memory that the origin has had, in KiB. */
  public long peakKib() throws IOException {
    Optional<String> peak =
        Files.readAllLines(Path.of("/proc", process.pid() + "", "status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .findFirst();
    return Long.parseLong(peak.orElseThrow().replaceAll("[^0-9]", ""));
  }

  private HttpRequest.Builder to(String path, String user) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(LIMIT)
        .header("X-Gateway-Secret", SECRET)
        .header("Content-Type", "application/json")
        .header("X-User-Id", user);
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest request) {
    return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Sends this body to /mcp in the name of this user. */
  public CompletableFuture<HttpResponse<String>> post(String user, String body) {
    return post(user, Map.of(), body);
  }

  /** Sends this body with further headers. */
  public CompletableFuture<HttpResponse<String>> post(
      String user, Map<String, String> headers, String body) {
    HttpRequest.Builder request = to("/mcp", user).POST(HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::setHeader);
    return send(request.build());
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    client.close();
  }
}
