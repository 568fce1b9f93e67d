package com.mcpist.e2e.workflows;

import com.mcpist.e2e.harness.WorkerProcess;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.vendor.CloudflareServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Cloudflare at work: the Worker in workerd, with the settings and the secrets of the version that
 * the stand-in says that it serves.
 */
final class CloudflareWorker implements AutoCloseable {
  private final CloudflareServer cloudflare;
  private final Map<String, String> origins;
  private final Path state;
  private final int port = Ports.free();
  private final Thread keeping;
  private Map<String, String> running = Map.of();
  private @Nullable WorkerProcess process;
  private volatile boolean closing;

  /**
   * Nothing runs yet.
   *
   * @param origins where each origin's address is on this machine
   */
  CloudflareWorker(CloudflareServer cloudflare, Map<String, String> origins, Path state)
      throws IOException {
    this.cloudflare = cloudflare;
    this.origins = Map.copyOf(origins);
    this.state = Files.createDirectories(state);
    keeping = Thread.ofPlatform().daemon().name("worker").unstarted(this::keep);
  }

  int port() {
    return port;
  }

  /** It serves from now on, once it has a version that can. */
  void start() throws IOException {
    run();
    keeping.start();
  }

  private void keep() {
    try {
      while (!closing) {
        run();
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() throws IOException {
    Map<String, String> bindings = new HashMap<>();
    for (JsonNode binding : cloudflare.serving().path("metadata").path("bindings")) {
      bindings.put(binding.path("name").asString(""), binding.path("text").asString(""));
    }
    for (String secret : new String[] {"GATEWAY_SECRET", "ADMIN_TOKEN"}) {
      cloudflare.secret(secret).ifPresent(value -> bindings.put(secret, value));
    }
    if (bindings.equals(running) || !bindings.containsKey("EDGE_CONFIG")) {
      return;
    }
    running = Map.copyOf(bindings);
    if (process != null) {
      process.close();
    }
    for (Map.Entry<String, String> origin : origins.entrySet()) {
      bindings.computeIfPresent(
          "EDGE_CONFIG", (_, config) -> config.replace(origin.getKey(), origin.getValue()));
    }
    bindings.put("PORT", Integer.toString(port));
    bindings.put("KV_FOLDER", state.toString());
    process = WorkerProcess.start(bindings);
    // Its trigger has a turn each minute, and a deployment waits for one.
    var _ = process.cron();
  }

  @Override
  public void close() throws IOException {
    closing = true;
    try {
      keeping.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    if (process != null) {
      process.close();
    }
  }
}
