package com.mcpist.e2e.examples;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Behaviour.Answer;
import com.mcpist.testkit.Behaviour.Ending;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The path from a client to an edge. The first sendings of each message fail, each in another way,
 * and the next one passes.
 */
final class FaultyPath implements AutoCloseable {

  /** Ways in which a sending has no answer. */
  enum Fault {
    /** The connection is reset, and nothing has run. */
    RESET(false),
    /** Status 429 of something that speaks no JSON-RPC, with Retry-After; nothing has run. */
    LIMITED(false),
    /** Status 503; nothing has run. */
    UNAVAILABLE(false),
    /** It has run, and the connection ends in the middle of its answer. */
    CUT_ANSWER(true),
    /** It has run, and an event stream ends in an orderly way without a result. */
    ENDED_STREAM(true),
    /** It has run, and an event stream ends in the middle of an event. */
    CUT_STREAM(true),
    /** It has run, and an event stream ends with an error of the edge's. */
    UNKNOWN_IN_STREAM(true),
    /** It has run, and the answer is an error of the edge's, with status 200 and Retry-After. */
    UNKNOWN(true),
    /** Status 401 for a call of a tool: its token has expired since the first sending. */
    UNAUTHORIZED(false);

    private final boolean runs;

    Fault(boolean runs) {
      this.runs = runs;
    }
  }

  /** The token that a client has when it has signed in. */
  static final String TOKEN = "signed-in";

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final List<String> PASSED =
      List.of(
          "accept",
          "content-type",
          "idempotency-key",
          "mcp-method",
          "mcp-name",
          "mcp-protocol-version",
          "mcp-session-id");

  private final URI edge;
  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, List<HttpMessage>> sendings = new ConcurrentHashMap<>();
  private final FaultServer server = FaultServer.start();

  /** {@code edge}: the address of its MCP endpoint. */
  FaultyPath(String edge) {
    this.edge = URI.create(edge);
    server.handle(this::behaviour);
  }

  /** The address of the MCP endpoint for a client. */
  String url() {
    return server.url() + edge.getPath();
  }

  /** The sendings of each message with this method, by the message's text. */
  Map<String, List<HttpMessage>> sendings(String method) {
    Map<String, List<HttpMessage>> found = new HashMap<>(sendings);
    found.keySet().removeIf(json -> !methodOf(json).equals(method));
    return found;
  }

  private static String methodOf(String json) {
    return JSON.readTree(json).path("method").asString("");
  }

  private Behaviour behaviour(HttpMessage request) {
    if (!request.target().equals(edge.getPath())) {
      return authorization(request);
    }
    if (!request.method().equals("POST")) {
      return Behaviour.status(405); // A client does without a stream of its own.
    }
    List<HttpMessage> same =
        sendings.computeIfAbsent(request.text(), _ -> new CopyOnWriteArrayList<>());
    same.add(request);
    return same.size() <= faults(methodOf(request.text()))
        ? broken(request, Fault.values()[same.size() - 1])
        : pass(request);
  }

  /** How many sendings of each message with this method fail. */
  static int faults(String method) {
    int all = Fault.values().length;
    return method.equals("tools/call") ? all : all - 1;
  }

  /** An authorization server that has no metadata, and gives a token to anybody. */
  private static Behaviour authorization(HttpMessage request) {
    return request.target().equals("/token")
        ? Behaviour.answer(
            200, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\"}".formatted(TOKEN))
        : Behaviour.status(404);
  }

  private Behaviour broken(HttpMessage request, Fault fault) {
    JsonNode message = JSON.readTree(request.text());
    boolean answers = message.has("id") && message.has("method");
    if (fault.runs && !answers) {
      return pass(request);
    }
    Answer whole = fault.runs ? pass(request) : new Answer(200, Map.of(), new byte[0]);
    return switch (fault) {
      case RESET -> Behaviour.resetBefore();
      case LIMITED ->
          new Answer(429, Map.of("Retry-After", "1"), "Later.".getBytes(StandardCharsets.UTF_8));
      case UNAVAILABLE -> Behaviour.status(503);
      case UNAUTHORIZED ->
          new Answer(
              401, Map.of("WWW-Authenticate", "Bearer error=\"invalid_token\""), new byte[0]);
      case CUT_ANSWER -> Behaviour.closeInBody(whole);
      case ENDED_STREAM -> stream(": the origin has gone\n\n", Ending.COMPLETE);
      case CUT_STREAM -> stream("event: message\ndata: {\"jsonrpc\"", Ending.CLOSE);
      case UNKNOWN_IN_STREAM ->
          stream("event: message\ndata: " + unknown(request, message) + "\n\n", Ending.COMPLETE);
      case UNKNOWN ->
          new Answer(
              200,
              Map.of("Content-Type", "application/json", "Retry-After", "1"),
              unknown(request, message).getBytes(StandardCharsets.UTF_8));
    };
  }

  private static Behaviour stream(String text, Ending ending) {
    return new Behaviour.Sse(List.of(text), Duration.ZERO, ending);
  }

  /** Returns the error for an unknown outcome in an edge's words, as contract/errors has them. */
  private static String unknown(HttpMessage request, JsonNode message) {
    ObjectNode error = JSON.createObjectNode().put("jsonrpc", "2.0");
    error.set("id", message.path("id"));
    ObjectNode data =
        error
            .putObject("error")
            .put("code", -32000)
            .put("message", "The outcome is unknown: it may have been done.")
            .putObject("data");
    String key = request.header("Idempotency-Key").orElse("");
    boolean calls = message.path("method").asString("").equals("tools/call");
    data.put("code", calls ? "outcome_unknown" : "origin_unavailable");
    data.put("effect", calls ? "possible" : "none");
    if (calls && !key.isEmpty()) {
      data.put("sending", "unknown").put("idempotencyKey", key);
    }
    return error.toString();
  }

  private Answer pass(HttpMessage request) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(edge).POST(BodyPublishers.ofByteArray(request.body()));
    for (String name : PASSED) {
      request.header(name).ifPresent(value -> builder.header(name, value));
    }
    try {
      HttpResponse<byte[]> response = client.send(builder.build(), BodyHandlers.ofByteArray());
      Map<String, String> headers = new HashMap<>();
      for (String name : List.of("Content-Type", "Mcp-Session-Id", "Retry-After")) {
        response.headers().firstValue(name).ifPresent(value -> headers.put(name, value));
      }
      return new Answer(response.statusCode(), headers, response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    client.close();
  }
}
