package com.mcpist.e2e.harness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An MCP server of 2025-06-18 with the one tool echo: on standard input and output, or at any path
 * of the port that it is given.
 */
public final class EchoServer {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String TOOLS =
      """
      {"tools": [{"name": "echo", "description": "Says it again.",
                  "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}},
                  "annotations": {"readOnlyHint": true}}]}
      """;

  private EchoServer() {}

  /** What starts it: a program and its arguments. */
  public static String[] command() {
    return new String[] {
      ProcessHandle.current().info().command().orElse("java"),
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseSerialGC",
      "-Xmx64m",
      "-cp",
      System.getProperty("java.class.path"),
      EchoServer.class.getName()
    };
  }

  /** A mounts.json that has it as echo. */
  public static String mounts() {
    ObjectNode file = JSON.createObjectNode();
    ObjectNode echo = file.putObject("mcpServers").putObject("echo").put("command", command()[0]);
    List.of(command()).stream().skip(1).forEach(echo.putArray("args")::add);
    return file.toString();
  }

  public static void main(String[] args) throws Exception {
    if (args.length > 0) {
      var _ = serve(Integer.parseInt(args[0]));
      return;
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode message = JSON.readTree(line);
      if (asks(message)) {
        System.out.println(answer(message));
        System.out.flush();
      }
    }
  }

  /** At any path of this port, 0: a free one, until it is stopped. */
  public static HttpServer serve(int port) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", EchoServer::answer);
    http.start();
    return http;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    JsonNode message = JSON.readTree(exchange.getRequestBody());
    byte[] answer = asks(message) ? JSON.writeValueAsBytes(answer(message)) : new byte[0];
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(
        answer.length > 0 ? 200 : 202, answer.length > 0 ? answer.length : -1);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private static boolean asks(JsonNode message) {
    return message.has("id") && message.has("method");
  }

  private static ObjectNode answer(JsonNode message) {
    ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
    answer.set("id", message.get("id"));
    answer.set("result", result(message));
    return answer;
  }

  private static JsonNode result(JsonNode message) {
    return switch (message.path("method").asString("")) {
      case "initialize" ->
          JSON.readTree(
              """
              {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
               "serverInfo": {"name": "echo", "version": "1"}}
              """);
      case "tools/list" -> JSON.readTree(TOOLS);
      case "tools/call" -> {
        ObjectNode result = JSON.createObjectNode();
        result
            .putArray("content")
            .addObject()
            .put("type", "text")
            .put("text", message.at("/params/arguments/text").asString(""));
        yield result;
      }
      default -> JSON.createObjectNode();
    };
  }
}
