package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.module.Claim;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mount.client.MountConfig.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A client of a mounted server, and its calls. */
final class Calls implements AutoCloseable {
  static final JsonMapper JSON = JsonMapper.shared();
  static final Duration LIMIT = Duration.ofSeconds(30);

  final List<String> changed = new CopyOnWriteArrayList<>();
  final Budget budget = Budget.ofHeap(0);
  final MountedServer server;

  private Calls(Entry entry, Map<String, String> environment) throws MountException {
    this.server =
        MountedServer.of(
            entry, entry.resolve(environment, "ada"), new Intake(budget), changed::add);
  }

  /** A mount's, in a budget of its own. */
  static Intake intake() {
    return new Intake(Budget.ofHeap(0));
  }

  /** Makes calls to a server that is a {@link ProgramServer} in these modes. */
  static Calls program(ObjectNode more, String... modes) throws MountException {
    ObjectNode entry =
        more.deepCopy()
            .put("command", Path.of(System.getProperty("java.home"), "bin/java").toString());
    ArrayNode args = entry.putArray("args");
    List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx1g", "-cp", classes())
        .forEach(args::add);
    args.add(ProgramServer.class.getName());
    List.of(modes).forEach(args::add);
    return of(entry, Map.of("PATH", System.getenv("PATH"), "SECRET", "s3cr3t-value", "OTHER", "x"));
  }

  static Calls program(String... modes) throws MountException {
    return program(JSON.createObjectNode(), modes);
  }

  static Calls of(ObjectNode entry, Map<String, String> environment) throws MountException {
    ObjectNode file = JSON.createObjectNode();
    file.putObject("mcpServers").set("notes", entry);
    return new Calls(MountConfig.parse(file.toString()).entries().getFirst(), environment);
  }

  static String classes() {
    var source = Objects.requireNonNull(ProgramServer.class.getProtectionDomain().getCodeSource());
    return Path.of(source.getLocation().getPath()).toString();
  }

  ObjectNode result(String tool, Recorder listener, Duration limit)
      throws MountException, InterruptedException {
    ObjectNode params = JSON.createObjectNode().put("name", tool);
    return server.request("tools/call", params, listener, limit);
  }

  /** The text of a tool's answer. */
  String text(String tool) throws MountException, InterruptedException {
    return text(result(tool, new Recorder(), LIMIT));
  }

  static String text(ObjectNode result) {
    return result.at("/content/0/text").asString();
  }

  /** A call whose end is waited for later. */
  CompletableFuture<String> begin(String tool, Recorder listener) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            text.complete(text(result(tool, listener, LIMIT)));
          } catch (MountException | InterruptedException | RuntimeException e) {
            text.completeExceptionally(e);
          }
        });
    return text;
  }

  MountException failure(String tool) {
    return failure(tool, LIMIT);
  }

  MountException failure(String tool, Duration limit) {
    return catchThrowableOfType(MountException.class, () -> result(tool, new Recorder(), limit));
  }

  /** The failure of a call with so many bytes more. */
  MountException failure(String tool, int bytes, Duration limit) {
    ObjectNode params = JSON.createObjectNode().put("name", tool).put("more", "x".repeat(bytes));
    return catchThrowableOfType(
        MountException.class, () -> server.request("tools/call", params, new Recorder(), limit));
  }

  @Override
  public void close() {
    server.close();
  }

  /** Records what it is told while it waits for a call. */
  static class Recorder implements Listener {
    final List<ObjectNode> progress = new ArrayList<>();
    final List<ObjectNode> logs = new ArrayList<>();
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile boolean cancelled;
    String user = "";
    Claim claim = Claim.NOT_NEEDED;

    @Override
    public Claim claim() {
      return claim;
    }

    @Override
    public String user() {
      return user;
    }

    @Override
    public void progress(ObjectNode params) {
      progress.add(params);
    }

    @Override
    public void log(ObjectNode params) {
      logs.add(params);
    }

    @Override
    public ObjectNode ask(String method, ObjectNode params) {
      asked.add(method + " " + params);
      return JSON.createObjectNode().put("action", "accept");
    }

    @Override
    public boolean cancelled() {
      return cancelled;
    }
  }
}
