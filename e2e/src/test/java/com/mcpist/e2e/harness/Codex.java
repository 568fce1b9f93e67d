package com.mcpist.e2e.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Codex with a model of our own, which asks for one call and keeps what it gives. Codex names no
 * tool to a model that has not searched for it. The real model's API is beyond the machine.
 */
public final class Codex implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpServer api;
  private final ObjectNode call;
  private volatile JsonNode request = JSON.missingNode();

  private Codex(HttpServer api, ObjectNode call) {
    this.api = api;
    this.call = call;
    api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    api.createContext("/", this::answer);
    api.start();
  }

  /** {@code server}: as Codex's configuration names it. */
  public static Codex asking(String server, String tool, ObjectNode arguments) throws IOException {
    ObjectNode call = JSON.createObjectNode();
    call.put("type", "function_call").put("call_id", "call").put("name", tool);
    call.put("namespace", "mcp__" + server).put("arguments", arguments.toString());
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new Codex(HttpServer.create(any, 0), call);
  }

  /** Codex with the servers of its configuration in this home, which ends after the call. */
  public ProcessBuilder command(Path home) {
    String provider =
        "model_providers.ours={name=\"ours\",base_url=\"http://127.0.0.1:%d/v1\",wire_api=\"responses\"}"
            .formatted(api.getAddress().getPort());
    return Clients.command(
        home,
        "codex",
        List.of(
            "exec",
            "--skip-git-repo-check",
            "--dangerously-bypass-approvals-and-sandbox",
            "--config",
            "model_provider=\"ours\"",
            "--config",
            provider,
            "Call the tool."));
  }

  /** What the call gave. */
  public String result() {
    return request
        .path("input")
        .valueStream()
        .filter(item -> item.path("type").asString("").equals("function_call_output"))
        .map(item -> item.path("output").toString())
        .findFirst()
        .orElse("");
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (!exchange.getRequestURI().getPath().equals("/v1/responses")) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      request = JSON.readTree(body);
      byte[] events = events(result().isEmpty() ? call : said()).getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, events.length);
      exchange.getResponseBody().write(events);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode said() {
    ObjectNode message = JSON.createObjectNode();
    message.put("type", "message").put("role", "assistant").put("id", "message");
    message.putArray("content").addObject().put("type", "output_text").put("text", "Done.");
    return message;
  }

  private static String events(ObjectNode item) {
    return """
    event: response.created
    data: {"type":"response.created","response":{"id":"response"}}

    event: response.output_item.done
    data: {"type":"response.output_item.done","item":%s}

    event: response.completed
    data: {"type":"response.completed","response":{"id":"response","usage":{"input_tokens":1,\
    "input_tokens_details":null,"output_tokens":1,"output_tokens_details":null,"total_tokens":2}}}

    """
        .formatted(item);
  }

  @Override
  public void close() {
    api.stop(0);
  }
}
