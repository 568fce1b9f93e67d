package com.mcpist.e2e.contract;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An edge in front of two origins that fail on command. */
final class ContractRig implements AutoCloseable {
  static final String CALL =
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"save\",\"_meta\":{\"progressToken\":\"p\"}}}";
  static final String LIST = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"}";
  static final String ANSWER =
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}}";
  static final Behaviour.Answer WHOLE = Behaviour.answer(200, ANSWER);
  static final String FIRST = "origin-1";
  static final String SECOND = "origin-2";

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final JsonMapper JSON = JsonMapper.shared();
  final FaultyOrigin first = new FaultyOrigin();
  final FaultyOrigin second = new FaultyOrigin();
  final EdgeKind.Running edge;

  ContractRig(EdgeKind kind) throws IOException {
    this(kind, JSON.createObjectNode());
  }

  /** One that soon takes silence for a failure, and soon gives up: where that is tested. */
  static ContractRig hasty(EdgeKind kind) throws IOException {
    ObjectNode config = JSON.createObjectNode();
    config.putObject("edge").put("waitSeconds", 2).put("idleTimeoutMillis", 1_500);
    return new ContractRig(kind, config);
  }

  /**
   * With more settings.
   *
   * @param config of which origins and monitor are filled in, and auth, limits and edge where it
   *     has none
   */
  ContractRig(EdgeKind kind, ObjectNode config) throws IOException {
    config.putArray("allowedHosts").add("localhost");
    if (!config.has("auth")) {
      config.put("auth", "none");
    }
    if (!config.has("limits")) {
      config.put("limits", "none");
    }
    var origins = config.putArray("origins");
    origins.addObject().put("name", FIRST).put("url", first.url());
    origins.addObject().put("name", SECOND).put("url", second.url());
    // What has failed is soon itself again, so that the next test finds all well.
    config.putObject("monitor").put("intervalSeconds", 0.2).put("consecutiveUp", 1);
    if (!config.has("edge")) {
      // So long that a busy machine is not taken for an origin that fails.
      config.putObject("edge").put("waitSeconds", 30).put("idleTimeoutMillis", 10_000);
    }
    config
        .withObjectProperty("edge")
        .put("holdDownSeconds", 0)
        .put("holdDownMaxSeconds", 0)
        .put("maxBodyBytes", 65_536);
    edge = kind.start(config);
  }

  /** Both origins answer every call, and the edge knows. */
  void settle() throws IOException {
    first.reset(WHOLE);
    second.reset(WHOLE);
    awaitStates("healthy", "healthy");
  }

  /** Waits until the edge says so of its origins, and the first healthy one is active. */
  void awaitStates(String one, String two) {
    Conditions.awaitValue(
        "origins are " + one + " and " + two,
        LIMIT,
        () -> {
          JsonNode origins = status().path("origins");
          boolean so =
              origins.path(0).path("state").asString("").equals(one)
                  && origins.path(1).path("state").asString("").equals(two)
                  && origins.path(one.equals("healthy") ? 0 : 1).path("active").asBoolean(false);
          if (so) {
            return Optional.of(true);
          }
          throw new AssertionError(origins.toString());
        });
  }

  JsonNode status() throws IOException {
    HttpMessage answer = edge.administer("GET", "/status");
    if (answer.status() != 200) {
      throw new AssertionError(answer.toString());
    }
    return JSON.readTree(answer.body());
  }

  /** A call of a tool. */
  HttpMessage call() throws IOException {
    return call("");
  }

  /** A call of a tool with more headers, one a line. */
  HttpMessage call(String headers) throws IOException {
    return post(headers, CALL);
  }

  HttpMessage post(String headers, String body) throws IOException {
    return RawHttp.exchange(edge.port(), RawHttp.post("/mcp", headers, body));
  }

  HttpMessage get(String path, String headers) throws IOException {
    String more = headers.isEmpty() ? "" : headers + "\r\n";
    return RawHttp.exchange(
        edge.port(), "GET %s HTTP/1.1\r\n%s\r\n".formatted(path, "Host: localhost\r\n" + more));
  }

  @Override
  public void close() throws IOException {
    edge.close();
    first.close();
    second.close();
  }
}
