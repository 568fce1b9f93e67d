package com.mcpist.drill;

import module java.base;

import com.mcpist.drill.Analysis.CallRecord;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients that save, one call after another.
 *
 * <p>They make the calls that they have been granted at full speed, all at once, so that every
 * fault meets calls in flight. While there is none left the first of them makes a call now and
 * then: what happens while the pair recovers is seen too.
 */
final class Load implements AutoCloseable {
  private static final Duration PACE = Duration.ofMillis(50);

  private final Queue<CallRecord> records = new ConcurrentLinkedQueue<>();
  private final Semaphore granted = new Semaphore(0);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();
  private final SaveClient client;
  private final String run;
  private volatile boolean stopped;

  /** Starts them; the run's 16 hexadecimal digits are in the title of each call. */
  Load(URI mcp, String run, int clients) {
    this.client = new SaveClient(mcp, SaveClient.PATIENCE);
    this.run = run;
    for (int i = 0; i < clients; i++) {
      boolean pacing = i == 0;
      threads.add(Thread.ofVirtual().name("drill-client-" + i).start(() -> work(pacing)));
    }
  }

  void grant(int calls) {
    granted.release(calls);
  }

  int left() {
    return granted.availablePermits();
  }

  /** How many calls are in flight, at least. */
  int inFlight() {
    int before = begun.get();
    return before - ended.get();
  }

  int ended() {
    return ended.get();
  }

  /** In the order of their ends. */
  List<CallRecord> records() {
    return List.copyOf(records);
  }

  private void work(boolean pacing) {
    try {
      while (!stopped) {
        if (granted.tryAcquire(PACE.toMillis(), TimeUnit.MILLISECONDS)) {
          call(false);
        } else if (pacing) {
          call(true);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void call(boolean paced) throws InterruptedException {
    String title = SavedRows.title(run, begun.incrementAndGet());
    try {
      records.add(client.save(title, paced));
    } finally {
      ended.incrementAndGet();
    }
  }

  /** Makes no more calls, and returns when those in flight have ended, or after the limit. */
  void finish(Duration limit) throws InterruptedException {
    stopped = true;
    long end = System.nanoTime() + limit.toNanos();
    for (Thread thread : threads) {
      thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    }
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
    client.close();
  }

  /** An MCP client that saves memories, as any client would: it never sends a call again. */
  record SaveClient(HttpClient http, URI mcp, Duration patience) implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String REVISION = "2026-07-28";
    private static final String DATA = "data:";

    /** Longer than a pair takes for anything: a call that takes as long counts as failed. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    SaveClient(URI mcp, Duration patience) {
      HttpClient http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(Duration.ofSeconds(5))
              .build();
      this(http, mcp, patience);
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
        return new Answer(
            servedBy, result.path("content").path(0).path("text").asString(""), false);
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
}
