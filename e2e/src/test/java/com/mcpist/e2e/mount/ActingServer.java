package com.mcpist.e2e.mount;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An MCP server on standard input and output, for a mount: {@code act} adds its text to the file
 * FILE as a line, {@code put} does so once for each key. Both then take a moment to answer, in
 * which a test kills who asked.
 */
final class ActingServer {
  private static final long MOMENT_MILLIS = 5;
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String TOOLS =
      """
      {"tools": [{"name": "act", "inputSchema": {"type": "object"}},
       {"name": "put", "inputSchema": {"type": "object"}, "annotations": {"idempotentHint": true}}]}
      """;
  private static final String HELLO =
      """
      {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
       "serverInfo": {"name": "acting", "version": "1"}}
      """;

  private ActingServer() {}

  public static void main(String[] args) throws Exception {
    Path file = Path.of(System.getenv("FILE"));
    var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode message = JSON.readTree(line);
      if (message.has("id") && message.has("method")) {
        ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
        answer.set("id", message.get("id"));
        answer.set("result", result(message, file));
        System.out.println(answer);
        System.out.flush();
      }
    }
  }

  private static JsonNode result(JsonNode message, Path file) throws Exception {
    return switch (message.path("method").asString("")) {
      case "initialize" -> JSON.readTree(HELLO);
      case "tools/list" -> JSON.readTree(TOOLS);
      case "tools/call" -> {
        JsonNode arguments = message.at("/params/arguments");
        add(file, arguments.path("text").asString(), arguments.path("key").asString(""));
        Thread.sleep(MOMENT_MILLIS);
        yield JSON.readTree("{\"content\": [{\"type\": \"text\", \"text\": \"done\"}]}");
      }
      default -> JSON.createObjectNode();
    };
  }

  /** Another origin's copy may be at it, too. */
  private static void add(Path file, String text, String key) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      ByteBuffer all = ByteBuffer.allocate((int) channel.size());
      while (all.hasRemaining() && channel.read(all) >= 0) {}
      if (key.isEmpty() || !UTF_8.decode(all.flip()).toString().contains(" " + key + "\n")) {
        channel.write(UTF_8.encode(text + " " + key + "\n"), channel.size());
      }
    }
  }
}
