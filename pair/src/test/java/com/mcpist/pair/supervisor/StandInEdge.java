package com.mcpist.pair.supervisor;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.testkit.SocketBridge;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The admin listener of an edge with one origin, which it probes when it is asked. */
final class StandInEdge implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  /** What it was told, in order, but what was so: who has no answer in time tells it again. */
  final List<String> told = new CopyOnWriteArrayList<>();

  /** Whether it drains: not where no other origin is healthy. */
  volatile boolean drains = true;

  /** Whether it finds fault with whatever the origin answers. */
  volatile boolean strict;

  private final String origin;
  private final URI health;
  private final URI socket;
  private final SocketBridge bridge;
  private final HttpServer server;
  private volatile boolean drained;

  private StandInEdge(String origin, URI health, Path socket) throws IOException {
    this.origin = origin;
    this.health = health;
    this.socket = SocketHttp.uri(socket);
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    this.bridge = SocketBridge.open(socket, server.getAddress().getPort());
  }

  /** Starts the edge of an origin on a Unix socket, with an admin listener on another. */
  static StandInEdge start(String origin, URI health, Path socket) throws IOException {
    return new StandInEdge(origin, health, socket);
  }

  URI socket() {
    return socket;
  }

  /** As somebody has done before. */
  void drain() {
    drained = true;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean refused = path.endsWith("/drain") && !drains;
    if (exchange.getRequestMethod().equals("POST") && path.endsWith("/drain") != drained) {
      told.add(path.substring(path.lastIndexOf('/') + 1) + (refused ? " in vain" : ""));
      drained = path.endsWith("/drain") && !refused;
    }
    byte[] body =
        "{\"origins\": [{\"name\": \"%s\", \"url\": \"u\", \"state\": \"%s\", \"active\": true}]}"
            .formatted(origin, drained ? "drained" : isHealthy() ? "healthy" : "unhealthy")
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(refused ? 409 : 200, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private boolean isHealthy() {
    try {
      return !strict
          && SocketHttp.send(health, SocketHttp.Request.of("GET", "/health"), LIMIT).status()
              == 200;
    } catch (IOException | InterruptedException _) {
      return false;
    }
  }

  @Override
  public void close() {
    bridge.close();
    server.stop(0);
  }
}
