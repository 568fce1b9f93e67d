package com.mcpist.drill;

import com.mcpist.drill.Analysis.CallRecord;
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

/** An MCP client that saves memories, as any client would: it never sends a call again. */
final class SaveClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String REVISION = "2026-07-28";
  private static final String DATA = "data:";

  /** Longer than a pair takes for anything: a call that takes as long counts as failed. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI mcp;
  private final Duration patience;

  SaveClient(URI mcp, Duration patience) {
    this.mcp = mcp;
    this.patience = patience;
  }

  CallRecord save(String title, boolean paced) throws InterruptedException {
    long start = System.nanoTime();
    Answer answer = send(title);
    return new CallRecord(
        title,
        paced,
        start,
        System.nanoTime(),
        answer.servedBy(),
        answer.failure(),
        answer.mayBeSentAgain());
  }

  private record Answer(
      @Nullable String servedBy, @Nullable String failure, boolean mayBeSentAgain) {}

  private Answer send(String title) throws InterruptedException {
    // The request's own timeout ends with the response's head: a body may go on for ever.
    CompletableFuture<HttpResponse<String>> exchange =
        http.sendAsync(request(title), HttpResponse.BodyHandlers.ofString());
    try {
      HttpResponse<String> response = exchange.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      String servedBy = response.headers().firstValue("X-Served-By").orElse(null);
      return answer(servedBy, message(response.body()));
    } catch (ExecutionException e) {
      return none(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      return none(e);
    } catch (JacksonException _) {
      return new Answer(null, "an answer that is no JSON-RPC message", false);
    } finally {
      exchange.cancel(true);
    }
  }

  private static Answer none(Throwable reason) {
    return new Answer(null, "no answer (" + reason.getClass().getSimpleName() + ")", false);
  }

  private static Answer answer(@Nullable String servedBy, JsonNode message) {
    JsonNode error = message.path("error");
    if (!error.isMissingNode()) {
      boolean again = error.path("data").path("mayBeSentAgain").asBoolean(false);
      return new Answer(servedBy, error.path("message").asString(""), again);
    }
    JsonNode result = message.path("result");
    if (result.path("isError").asBoolean(false)) {
      return new Answer(servedBy, result.path("content").path(0).path("text").asString(""), false);
    }
    return new Answer(servedBy, result.isObject() ? null : "an answer without a result", false);
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

  private HttpRequest request(String title) {
    return HttpRequest.newBuilder(mcp)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .header("MCP-Protocol-Version", REVISION)
        .header("Mcp-Method", "tools/call")
        .header("Mcp-Name", "memory_save")
        .POST(HttpRequest.BodyPublishers.ofString(body(title)))
        .build();
  }

  private static String body(String title) {
    return """
    {"jsonrpc": "2.0", "id": "%1$s", "method": "tools/call",
     "params": {
       "name": "memory_save",
       "arguments": {"title": "%1$s", "text": "%2$s", "tags": ["%3$s"]},
       "_meta": {
         "io.modelcontextprotocol/protocolVersion": "%4$s",
         "io.modelcontextprotocol/clientInfo": {"name": "mcpist-drill", "version": "1"},
         "io.modelcontextprotocol/clientCapabilities": {}}}}
    """
        .formatted(title, SavedRows.TEXT, SavedRows.TAG, REVISION);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
