package com.mcpist.e2e.harness;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An MCP server of 2025-06-18 on standard input and output, with the one tool echo. */
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

  public static void main(String[] args) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode message = JSON.readTree(line);
      if (message.has("id") && message.has("method")) {
        ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
        answer.set("id", message.get("id"));
        answer.set("result", result(message));
        System.out.println(answer);
        System.out.flush();
      }
    }
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
