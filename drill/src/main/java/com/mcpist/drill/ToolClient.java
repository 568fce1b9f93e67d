package com.mcpist.drill;

import com.mcpist.drill.Analysis.CallRecord;
import com.mcpist.drill.tool.Told;
import com.mcpist.drill.tool.Told.Word;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MCP client that calls tools. It sends a call again only where a fault is its client's: under a
 * new id and without a key, as a client of 2026-07-28 does whose connection broke.
 */
final class ToolClient implements AutoCloseable {
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
  ToolClient(URI mcp, Duration patience, boolean sendsAgain) {
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

  /** Returns whether the tools are listed; false also where there is no answer. */
  boolean lists(List<Callee> callees) throws InterruptedException {
    try {
      HttpRequest list = request("tools/list", "list", "").timeout(patience).build();
      String body = http.send(list, HttpResponse.BodyHandlers.ofString()).body();
      Set<String> listed = new HashSet<>();
      message(body).at("/result/tools").forEach(tool -> listed.add(tool.path("name").asString("")));
      return callees.stream().map(Callee::name).allMatch(listed::contains);
    } catch (IOException | JacksonException _) {
      return false;
    }
  }

  /** Calls a tool with a text, and returns what came of it. */
  CallRecord call(Callee callee, String text, boolean paced) throws InterruptedException {
    long start = System.nanoTime();
    Answer answer = send(callee, text, 0);
    long end = start + patience.toNanos();
    for (int again = 1; sendsAgain && answer.broken() && System.nanoTime() < end; again++) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      answer = send(callee, text, again);
    }
    return new CallRecord(
        new Told(text, answer.word(), callee.effectsSize()),
        paced,
        start,
        System.nanoTime(),
        answer.servedBy(),
        answer.failure());
  }

  /** {@code broken}: the connection was. */
  private record Answer(
      @Nullable String servedBy, @Nullable String failure, Word word, boolean broken) {
    static Answer failed(@Nullable String servedBy, String failure) {
      return new Answer(servedBy, failure, Word.NOTHING, false);
    }
  }

  private Answer send(Callee callee, String text, int again) throws InterruptedException {
    if (!closing) {
      return send(http, callee, text, again);
    }
    try (HttpClient own = connect()) {
      return send(own, callee, text, again);
    }
  }

  private Answer send(HttpClient through, Callee callee, String text, int again)
      throws InterruptedException {
    // The request's own timeout ends with the response's head: a body may go on for ever.
    CompletableFuture<HttpResponse<String>> exchange =
        through.sendAsync(request(callee, text, again), HttpResponse.BodyHandlers.ofString());
    try {
      HttpResponse<String> response = exchange.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      String servedBy = response.headers().firstValue("X-Served-By").orElse(null);
      return answer(servedBy, callee, text, message(response.body()));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return new Answer(null, none(cause), Word.NOTHING, cause instanceof IOException);
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

  private static Answer answer(
      @Nullable String servedBy, Callee callee, String text, JsonNode message) {
    JsonNode error = message.path("error");
    if (!error.isMissingNode()) {
      String said = error.path("message").asString("");
      return new Answer(servedBy, said, Word.ofError(message), false);
    }
    JsonNode result = message.path("result");
    if (result.path("isError").asBoolean(false)) {
      String said = result.path("content").path(0).path("text").asString("");
      return new Answer(servedBy, said, Word.ofError(message), false);
    }
    if (!result.isObject()) {
      return Answer.failed(servedBy, "an answer without a result");
    }
    return callee.answers(text, result)
        ? new Answer(servedBy, null, Word.DONE, false)
        : Answer.failed(servedBy, "the answer to another call, or a part of one");
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

  private HttpRequest request(Callee callee, String text, int again) {
    String params =
        """
        "name": "%s", "arguments": %s,\
        """
            .formatted(callee.name(), callee.arguments(text));
    return request("tools/call", text + " " + again, params)
        .header("Mcp-Name", callee.name())
        .build();
  }

  /** A request; the params end with a comma. */
  private HttpRequest.Builder request(String method, String id, String params) {
    String body =
        """
        {"jsonrpc": "2.0", "id": "%s", "method": "%s",
         "params": {%s
           "_meta": {
             "io.modelcontextprotocol/protocolVersion": "%s",
             "io.modelcontextprotocol/clientInfo": {"name": "mcpist-drill", "version": "1"},
             "io.modelcontextprotocol/clientCapabilities": {}}}}
        """
            .formatted(id, method, params, REVISION);
    return HttpRequest.newBuilder(mcp)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .header("MCP-Protocol-Version", REVISION)
        .header("Mcp-Method", method)
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
