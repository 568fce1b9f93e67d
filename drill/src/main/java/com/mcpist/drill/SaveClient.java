package com.mcpist.drill;

import com.mcpist.drill.Analysis.CallRecord;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP client that saves memories. It sends a call again only where a fault is its client's:
 * under a new id and without a key, as a client of 2026-07-28 does whose connection broke.
 */
final class SaveClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String REVISION = "2026-07-28";
  private static final String DATA = "data:";
  private static final long PAUSE_MILLIS = 20;

  /** Longer than a pair takes for anything: a call that takes as long counts as failed. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http = connect();
  private final URI mcp;
  private final Duration patience;
  private final boolean sendsAgain;
  private volatile boolean closing;

  /** A call that takes longer than the patience counts as failed. */
  SaveClient(URI mcp, Duration patience, boolean sendsAgain) {
    this.mcp = mcp;
    this.patience = patience;
    this.sendsAgain = sendsAgain;
  }

  private static HttpClient connect() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(5))
        .build();
  }

  /** From now on, whether each call has a connection of its own, closed after its answer. */
  void closing(boolean each) {
    closing = each;
  }

  CallRecord save(String title, boolean paced) throws InterruptedException {
    long start = System.nanoTime();
    Answer answer = send(title, 0);
    long end = start + patience.toNanos();
    for (int again = 1; sendsAgain && answer.broken() && System.nanoTime() < end; again++) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      answer = send(title, again);
    }
    return new CallRecord(
        title,
        paced,
        start,
        System.nanoTime(),
        answer.servedBy(),
        answer.failure(),
        answer.saysNoEffect());
  }

  /** {@code broken}: the connection was. */
  private record Answer(
      @Nullable String servedBy, @Nullable String failure, boolean saysNoEffect, boolean broken) {
    static Answer failed(@Nullable String servedBy, String failure) {
      return new Answer(servedBy, failure, false, false);
    }
  }

  private Answer send(String title, int again) throws InterruptedException {
    if (!closing) {
      return send(http, title, again);
    }
    try (HttpClient own = connect()) {
      return send(own, title, again);
    }
  }

  private Answer send(HttpClient through, String title, int again) throws InterruptedException {
    // The request's own timeout ends with the response's head: a body may go on for ever.
    CompletableFuture<HttpResponse<String>> exchange =
        through.sendAsync(request(title, again), HttpResponse.BodyHandlers.ofString());
    try {
      HttpResponse<String> response = exchange.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      String servedBy = response.headers().firstValue("X-Served-By").orElse(null);
      return answer(servedBy, message(response.body()));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return new Answer(null, none(cause), false, cause instanceof IOException);
    } catch (TimeoutException e) {
      return Answer.failed(null, none(e));
    } catch (JacksonException _) {
      return Answer.failed(null, "an answer that is no JSON-RPC message");
    } finally {
      exchange.cancel(true);
    }
  }

  private static String none(Throwable reason) {
    return "no answer (" + reason.getClass().getSimpleName() + ")";
  }

  private static Answer answer(@Nullable String servedBy, JsonNode message) {
    JsonNode error = message.path("error");
    if (!error.isMissingNode()) {
      boolean none = error.path("data").path("effect").asString("").equals("none");
      return new Answer(servedBy, error.path("message").asString(""), none, false);
    }
    JsonNode result = message.path("result");
    if (result.path("isError").asBoolean(false)) {
      return Answer.failed(servedBy, result.path("content").path(0).path("text").asString(""));
    }
    return new Answer(
        servedBy, result.isObject() ? null : "an answer without a result", false, false);
  }

  /** The response's last message: a JSON body, or the last event of an event stream. */
  private static JsonNode message(String body) {
    return JSON.readTree(
        body.lines()
            .filter(line -> line.startsWith(DATA))
            .reduce((_, last) -> last)
            .map(line -> line.substring(DATA.length()))
            .orElse(body));
  }

  private HttpRequest request(String title, int again) {
    return HttpRequest.newBuilder(mcp)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .header("MCP-Protocol-Version", REVISION)
        .header("Mcp-Method", "tools/call")
        .header("Mcp-Name", "memory_save")
        .POST(HttpRequest.BodyPublishers.ofString(body(title, again)))
        .build();
  }

  private static String body(String title, int again) {
    return """
    {"jsonrpc": "2.0", "id": "%1$s %5$d", "method": "tools/call",
     "params": {
       "name": "memory_save",
       "arguments": {"title": "%1$s", "text": "%2$s", "tags": ["%3$s"]},
       "_meta": {
         "io.modelcontextprotocol/protocolVersion": "%4$s",
         "io.modelcontextprotocol/clientInfo": {"name": "mcpist-drill", "version": "1"},
         "io.modelcontextprotocol/clientCapabilities": {}}}}
    """
        .formatted(title, SavedRows.TEXT, SavedRows.TAG, REVISION, again);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
