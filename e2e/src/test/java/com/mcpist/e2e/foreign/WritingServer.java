package com.mcpist.e2e.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small MCP server without a ledger, at {@code /api/mcp} of PORT: its tools add a line to FILE,
 * then take a moment to answer, in which a test kills it. One of them says that it may run twice.
 */
final class WritingServer {
  private static final long MOMENT_MILLIS = 30;
  private static final String TOOLS =
      """
      {"tools":[{"name":"write","inputSchema":{"type":"object"}},
       {"name":"set","inputSchema":{"type":"object"},"annotations":{"idempotentHint":true}}]}
      """;

  private final Path file;

  private WritingServer(Path file) {
    this.file = file;
  }

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv("PORT"));
    WritingServer server = new WritingServer(Path.of(System.getenv("FILE")));
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.createContext("/api/mcp", server::answer);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode request = JsonMapper.shared().readTree(exchange.getRequestBody());
    ObjectNode answer = JsonMapper.shared().createObjectNode().put("jsonrpc", "2.0");
    answer.set("id", request.path("id"));
    answer.set("result", JsonMapper.shared().readTree(result(request)));
    byte[] body = JsonMapper.shared().writeValueAsBytes(answer);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private String result(JsonNode request) throws IOException {
    return switch (request.path("method").asString()) {
      case "tools/list" -> TOOLS;
      case "tools/call" -> {
        String line = request.at("/params/arguments/line").asString() + "\n";
        Files.write(file, line.getBytes(UTF_8), StandardOpenOption.APPEND);
        pause();
        yield "{\"content\":[]}";
      }
      default -> "{}";
    };
  }

  private static void pause() {
    try {
      Thread.sleep(MOMENT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
