package com.mcpist.e2e.harness;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client of MCP 2026-07-28 on one kept-alive connection. It never sends anything twice by itself
 * and takes every closed connection for a failure, unless the response before had said so: what a
 * real client would forgive must not hide what the edge does.
 */
public final class McpConnection implements AutoCloseable {

  public static final String VERSION = "2026-07-28";

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final AtomicLong ID = new AtomicLong();

  private final int port;
  private RawHttp http;
  private boolean closing;

  /**
   * One answer.
   *
   * @param body the JSON-RPC response, taken from the event stream where it came as one
   */
  public record Reply(HttpMessage http, JsonNode body) {

    public int status() {
      return http.status();
    }

    /** The origin's name, as the edge tells it. */
    public String servedBy() {
      return http.header("X-Served-By").orElse("");
    }

    public JsonNode result() {
      return body.path("result");
    }

    public int errorCode() {
      return body.path("error").path("code").asInt(0);
    }

    /** What a tool returned; fails when this is no success. */
    public JsonNode structured() {
      if (status() != 200
          || result().isMissingNode()
          || result().path("isError").asBoolean(false)) {
        throw new AssertionError("a failed call: " + http);
      }
      return result().path("structuredContent");
    }
  }

  private McpConnection(int port) {
    this.port = port;
    this.http = RawHttp.connect(port);
  }

  /** Connects to a port of loopback. */
  public static McpConnection open(int port) {
    return new McpConnection(port);
  }

  /** How long it waits for an answer. */
  public McpConnection patience(Duration limit) {
    http.patience(limit);
    return this;
  }

  /** A tools/call. */
  public Reply call(String tool, Map<String, ?> arguments) throws IOException {
    return exchange(callRequest("/mcp", tool, arguments, ""));
  }

  /** A tools/call with more headers, one a line. */
  public Reply call(String tool, Map<String, ?> arguments, String headers) throws IOException {
    return exchange(callRequest("/mcp", tool, arguments, headers));
  }

  /** Any other method. */
  public Reply request(String method, Map<String, ?> params) throws IOException {
    return exchange(request("/mcp", method, params, ""));
  }

  /** A connection's bytes for a tools/call. */
  public static String callRequest(
      String target, String tool, Map<String, ?> arguments, String headers) {
    String more = headers.isEmpty() ? "" : "\n" + headers;
    return request(
        target,
        "tools/call",
        Map.of("name", tool, "arguments", arguments),
        "Mcp-Name: " + tool + more);
  }

  /** A connection's bytes for a request with everything that the revision asks for. */
  public static String request(
      String target, String method, Map<String, ?> params, String headers) {
    ObjectNode body = JSON.createObjectNode();
    body.put("jsonrpc", "2.0").put("id", ID.incrementAndGet()).put("method", method);
    ObjectNode all = JSON.valueToTree(params);
    ObjectNode meta = all.withObjectProperty("_meta");
    meta.put("io.modelcontextprotocol/protocolVersion", VERSION);
    meta.putObject("io.modelcontextprotocol/clientCapabilities");
    meta.putObject("io.modelcontextprotocol/clientInfo").put("name", "e2e").put("version", "1");
    body.set("params", all);
    String standard =
        """
        Accept: application/json, text/event-stream
        MCP-Protocol-Version: %s
        Mcp-Method: %s\
        """
            .formatted(VERSION, method);
    return RawHttp.post(
        target, headers.isEmpty() ? standard : standard + "\n" + headers, body.toString());
  }

  /** Sends bytes made by the methods above, and reads the answer. */
  public Reply exchange(String bytes) throws IOException {
    if (closing) {
      http.close();
      http = RawHttp.connect(port);
    }
    HttpMessage response = http.send(bytes).read();
    closing = response.header("Connection").filter("close"::equalsIgnoreCase).isPresent();
    return new Reply(response, body(response));
  }

  private static JsonNode body(HttpMessage response) {
    Optional<String> type = response.header("Content-Type");
    if (type.filter(t -> t.startsWith("text/event-stream")).isPresent()) {
      return response
          .text()
          .lines()
          .filter(line -> line.startsWith("data:"))
          .map(line -> JSON.readTree(line.substring(5)))
          .filter(message -> message.has("result") || message.has("error"))
          .findFirst()
          .orElse(JSON.missingNode());
    }
    boolean json = type.filter(t -> t.startsWith("application/json")).isPresent();
    return json ? JSON.readTree(response.body()) : JSON.missingNode();
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
