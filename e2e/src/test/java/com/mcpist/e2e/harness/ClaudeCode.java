package com.mcpist.e2e.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Claude Code with a model of our own: it asks for the calls that it was told, one after another,
 * and keeps what each gives. The real model's API is beyond the machine.
 */
public final class ClaudeCode implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** A tool as Claude Code names it, and its arguments. */
  public record Use(String tool, ObjectNode input) {}

  private final HttpServer api;
  private final IntFunction<@Nullable Use> uses;
  private volatile List<JsonNode> results = List.of();
  private volatile List<String> tools = List.of();

  private ClaudeCode(HttpServer api, IntFunction<@Nullable Use> uses) {
    this.api = api;
    this.uses = uses;
    api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    api.createContext("/", this::answer);
    api.start();
  }

  /** {@code uses}: what is called when so many results are there; null: nothing more. */
  public static ClaudeCode asking(IntFunction<@Nullable Use> uses) throws IOException {
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new ClaudeCode(HttpServer.create(any, 0), uses);
  }

  /** Claude Code with these servers and no others, which ends after the last call. */
  public ProcessBuilder command(Path home, ObjectNode mcpServers) {
    String servers = JSON.createObjectNode().set("mcpServers", mcpServers).toString();
    String allowed =
        mcpServers.propertyNames().stream()
            .map(server -> "mcp__" + server)
            .collect(Collectors.joining(","));
    ProcessBuilder command =
        Clients.command(
            home,
            "claude",
            List.of(
                "--print",
                "Call the tools.",
                "--strict-mcp-config",
                "--mcp-config",
                servers,
                "--allowedTools",
                allowed));
    command.redirectInput(new File("/dev/null")); // From a pipe it would wait for more to say.
    command.environment().put("ANTHROPIC_API_KEY", "none");
    command
        .environment()
        .put("ANTHROPIC_BASE_URL", "http://127.0.0.1:" + api.getAddress().getPort());
    // All tools are named to the model, once every server has answered.
    command.environment().put("ENABLE_TOOL_SEARCH", "false");
    command.environment().put("MCP_CONNECTION_NONBLOCKING", "false");
    return command;
  }

  /** The tools that it last offered to the model, its own too. */
  public List<String> tools() {
    return tools;
  }

  /** What the calls gave, in order: blocks of type tool_result. */
  public List<JsonNode> results() {
    return results;
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
      if (!exchange.getRequestURI().getPath().equals("/v1/messages")) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      tools =
          request.path("tools").valueStream().map(tool -> tool.path("name").asString("")).toList();
      // Each request has the whole conversation.
      results =
          request
              .path("messages")
              .valueStream()
              .flatMap(message -> message.path("content").valueStream())
              .filter(block -> block.path("type").asString("").equals("tool_result"))
              .toList();
      byte[] events = events(uses.apply(results.size())).getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, events.length);
      exchange.getResponseBody().write(events);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String events(@Nullable Use use) {
    ObjectNode block = JSON.createObjectNode();
    ObjectNode delta = JSON.createObjectNode();
    if (use == null) {
      block.put("type", "text").put("text", "");
      delta.put("type", "text_delta").put("text", "Done.");
    } else {
      block.put("type", "tool_use").put("id", "use-" + results.size()).put("name", use.tool());
      block.putObject("input");
      delta.put("type", "input_json_delta").put("partial_json", use.input().toString());
    }
    return """
    event: message_start
    data: {"type":"message_start","message":{"id":"message","type":"message","role":"assistant",\
    "model":"none","content":[],"stop_reason":null,"stop_sequence":null,\
    "usage":{"input_tokens":1,"output_tokens":1}}}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":%s}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":%s}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"%s","stop_sequence":null},\
    "usage":{"output_tokens":1}}

    event: message_stop
    data: {"type":"message_stop"}

    """
        .formatted(block, delta, use == null ? "end_turn" : "tool_use");
  }

  @Override
  public void close() {
    api.stop(0);
  }
}
