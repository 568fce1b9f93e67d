package com.mcpist.e2e.contract;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * An origin that does to each call what the test says, and is healthy until told otherwise. It has
 * no heartbeat, since not every edge listens to one.
 */
final class FaultyOrigin implements AutoCloseable {
  private static final Behaviour WELL =
      new Behaviour.Answer(
          200, Map.of("X-Ledger", "kept"), "{\"status\":\"ok\"}".getBytes(StandardCharsets.UTF_8));
  private static final Behaviour NOTHING_THERE = Behaviour.status(404);
  private static final Behaviour TOLD =
      new Behaviour.Answer(204, Map.of("X-Ledger", "kept"), new byte[0]);
  private final FaultServer server = FaultServer.start();
  private final Queue<Behaviour> next = new ConcurrentLinkedQueue<>();
  private volatile Behaviour calls = NOTHING_THERE;
  private volatile Behaviour health = WELL;
  private volatile @Nullable Behaviour lists;
  private volatile int forgotten;

  FaultyOrigin() {
    server.handle(this::behaviour);
  }

  private Behaviour behaviour(HttpMessage request) {
    if (request.target().equals("/health")) {
      return health;
    }
    if (!request.target().startsWith("/mcp") && !isWebhook(request)) {
      return NOTHING_THERE;
    }
    if (isNotice(request)) {
      return TOLD;
    }
    if (isEdges(request)) {
      Behaviour tools = lists;
      return tools == null ? calls : tools;
    }
    Behaviour queued = next.poll();
    return queued == null ? calls : queued;
  }

  String url() {
    return server.url();
  }

  /** What happens to the next calls, one each. */
  FaultyOrigin next(Behaviour... behaviours) {
    next.addAll(List.of(behaviours));
    return this;
  }

  /** What happens to every call for which nothing else was said. */
  FaultyOrigin always(Behaviour behaviour) {
    calls = behaviour;
    return this;
  }

  /** What is answered to the edge's own tools/list. */
  void answerLists(Behaviour behaviour) {
    lists = behaviour;
  }

  private static boolean isWebhook(HttpMessage request) {
    return request.target().equals("/webhooks/stripe");
  }

  /** The events of Stripe that it was told, without those of tests before. */
  List<HttpMessage> webhooks() {
    return all("/webhooks");
  }

  /** The edge's own requests that have this method. */
  List<HttpMessage> edges(String method) {
    return all("/mcp").stream()
        .filter(request -> isEdges(request) && request.text().contains("\"" + method + "\""))
        .toList();
  }

  private static boolean isEdges(HttpMessage request) {
    return request.text().contains("\"mcpist-edge\"");
  }

  /** What is answered to probes. */
  void health(Behaviour behaviour) {
    health = behaviour;
  }

  /** It is gone: connections are refused, and those that are open are reset. */
  void refuse() throws IOException {
    server.refuse();
  }

  /** It is there again. */
  void listen() {
    server.listen();
  }

  /** The requests of calls, without those of tests before. */
  List<HttpMessage> calls() {
    return all("/mcp").stream().filter(request -> !isEdges(request) && !isNotice(request)).toList();
  }

  /** The calls of which it was told that their clients have no answer, without those before. */
  List<HttpMessage> undelivered() {
    return all("/mcp").stream().filter(FaultyOrigin::isNotice).toList();
  }

  private static boolean isNotice(HttpMessage request) {
    return request.header("X-Undelivered").isPresent();
  }

  /** The probes, and what clients have asked of its health, without those of tests before. */
  List<HttpMessage> healthRequests() {
    return all("/health");
  }

  private List<HttpMessage> all(String target) {
    return server.requests().stream()
        .skip(forgotten)
        .filter(request -> request.target().startsWith(target))
        .toList();
  }

  /** As new; connections that a test has left are reset. */
  void reset(Behaviour answer) throws IOException {
    server.refuse();
    next.clear();
    calls = answer;
    health = WELL;
    lists = null;
    forgotten = server.requests().size();
    server.listen();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
