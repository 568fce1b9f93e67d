import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An HTTP client that sends each JSON-RPC request again until it is answered, for 5 minutes, and
 * each tools/call under a key. Everything else passes. It is for a server that keeps
 * Idempotency-Keys, as MCPist does: another server runs a call once for each sending.
 */
public final class Again extends HttpClient {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /**
   * The limit of one sending with its whole answer. A broken connection may stay silent for ever.
   */
  private static final Duration SENDING_LIMIT = Duration.ofMinutes(2);

  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final int MOST_REFUSED = 100;

  /** The codes of errors that pass after a moment: docs/idempotency.md. */
  private static final Set<String> PASSING =
      Set.of(
          "origin_unavailable",
          "outcome_unknown",
          "rate_limited",
          "overloaded",
          "auth_unavailable");

  private final HttpClient client;

  /** The refusals by their calls, the oldest first. */
  private final LinkedHashMap<String, Refusal> refused = new LinkedHashMap<>();

  /** The key of a call that was answered with 401 or 403, and until when it is kept. */
  private record Refusal(String key, long until) {}

  private Again(HttpClient client) {
    this.client = client;
  }

  /** Makes such clients, for the transport's {@code clientBuilder}. */
  public static HttpClient.Builder builder() {
    HttpClient.Builder real = HttpClient.newBuilder();
    return (HttpClient.Builder)
        Proxy.newProxyInstance(
            Again.class.getClassLoader(),
            new Class<?>[] {HttpClient.Builder.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(real, arguments);
                return result instanceof HttpClient made
                    ? new Again(made)
                    : result == real ? proxy : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    CompletableFuture<HttpResponse<T>> result = new CompletableFuture<>();
    bodyOf(request)
        .thenAccept(
            bytes -> {
              String body = new String(bytes, StandardCharsets.UTF_8);
              List<JsonNode> sent = messages(body).toList();
              if (sent.isEmpty() || sent.stream().anyMatch(m -> isOf(m, "subscriptions/listen"))) {
                CompletableFuture<HttpResponse<T>> passed = client.sendAsync(request, handler);
                result.whenComplete((_, _) -> passed.cancel(true)); // Its answer may last.
                complete(result, passed);
              } else {
                Exchange exchange = new Exchange(request, body, sent);
                result.whenComplete((_, _) -> exchange.cancel(true));
                complete(result, exchange.thenCompose(response -> handOver(response, handler)));
                exchange.send(20);
              }
            })
        .exceptionally(failure -> fail(result, failure));
    return result;
  }

  private static <T> void complete(CompletableFuture<T> result, CompletableFuture<T> work) {
    work.thenAccept(result::complete).exceptionally(failure -> fail(result, failure));
  }

  private static Void fail(CompletableFuture<?> result, Throwable failure) {
    result.completeExceptionally(cause(failure));
    return null;
  }

  private static CompletableFuture<byte[]> bodyOf(HttpRequest request) {
    BodySubscriber<byte[]> whole = BodySubscribers.ofByteArray();
    if (!request.method().equals("POST") || request.bodyPublisher().isEmpty()) {
      return CompletableFuture.completedFuture(new byte[0]);
    }
    request
        .bodyPublisher()
        .get()
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                whole.onSubscribe(subscription);
              }

              @Override
              public void onNext(ByteBuffer piece) {
                whole.onNext(List.of(piece));
              }

              @Override
              public void onError(Throwable failure) {
                whole.onError(failure);
              }

              @Override
              public void onComplete() {
                whole.onComplete();
              }
            });
    return whole.getBody().toCompletableFuture();
  }

  /** Sends one request until it is answered. Once it is cancelled, nothing of it goes on. */
  private final class Exchange extends CompletableFuture<HttpResponse<byte[]>> {
    private final HttpRequest request;
    private final List<JsonNode> sent;
    private final String call;

    /** Empty where the request needs no key, or has one of its own. */
    private final String key;

    private final long end = System.nanoTime() + LIMIT.toNanos();

    Exchange(HttpRequest request, String body, List<JsonNode> sent) {
      boolean makesKey =
          sent.stream().anyMatch(m -> isOf(m, "tools/call"))
              && request.headers().firstValue("Idempotency-Key").isEmpty();
      String session = request.headers().firstValue("Mcp-Session-Id").orElse("");
      this.sent = sent;
      this.call = request.uri() + "\n" + session + "\n" + body;
      this.key = makesKey ? takeRefused(call).orElse(UUID.randomUUID().toString()) : "";
      HttpRequest.Builder builder = HttpRequest.newBuilder(request, (_, _) -> true);
      this.request = makesKey ? builder.setHeader("Idempotency-Key", key).build() : request;
    }

    /** A stream too is read whole: one that breaks is no answer. */
    void send(long pauseMillis) {
      if (isDone()) {
        return;
      }
      var sending = client.sendAsync(request, BodyHandlers.ofByteArray());
      whenComplete((_, _) -> sending.cancel(true));
      sending
          .copy()
          .orTimeout(SENDING_LIMIT.toSeconds(), TimeUnit.SECONDS)
          .handle(
              (response, failure) -> {
                sending.cancel(true);
                if (failure == null) {
                  judge(response, pauseMillis);
                } else {
                  judge(cause(failure), pauseMillis);
                }
                return null;
              })
          .exceptionally(failure -> fail(this, failure));
    }

    private void judge(HttpResponse<byte[]> response, long pauseMillis) {
      long seconds = retryAfter(response);
      boolean answered = seconds == 0 && isFinal(sent, response);
      if (answered || System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) - end > 0) {
        boolean isRefused = response.statusCode() == 401 || response.statusCode() == 403;
        if (isRefused && !key.isEmpty()) {
          keepRefused(call, key);
        }
        complete(response);
      } else {
        sendLater(Math.max(pauseMillis, TimeUnit.SECONDS.toMillis(seconds)), pauseMillis);
      }
    }

    private void judge(Throwable failure, long pauseMillis) {
      boolean isBroken = failure instanceof IOException || failure instanceof TimeoutException;
      if (isBroken && System.nanoTime() - end <= 0) {
        sendLater(pauseMillis, pauseMillis);
      } else {
        completeExceptionally(failure);
      }
    }

    private void sendLater(long waitMillis, long pauseMillis) {
      CompletableFuture<Void> pause = new CompletableFuture<>();
      whenComplete((_, _) -> pause.cancel(true));
      pause.completeOnTimeout(null, waitMillis, TimeUnit.MILLISECONDS);
      pause
          .thenRunAsync(() -> send(Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS)))
          .exceptionally(failure -> fail(this, failure));
    }
  }

  /** The key under which this call was refused: a library that has signed in sends it again. */
  private synchronized Optional<String> takeRefused(String call) {
    refused.values().removeIf(refusal -> System.nanoTime() - refusal.until() > 0);
    return Optional.ofNullable(refused.remove(call)).map(Refusal::key);
  }

  private synchronized void keepRefused(String call, String key) {
    refused.put(call, new Refusal(key, System.nanoTime() + LIMIT.toNanos()));
    if (refused.size() > MOST_REFUSED) {
      refused.pollFirstEntry();
    }
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException e && e.getCause() != null
        ? e.getCause()
        : failure;
  }

  /** In seconds; 0 where the server says nothing, or a date. */
  private static long retryAfter(HttpResponse<?> response) {
    String value = response.headers().firstValue("Retry-After").orElse("");
    return value.matches("[0-9]{1,6}") ? Long.parseLong(value) : 0;
  }

  /** Whether a response is an answer to all of these requests. */
  private static boolean isFinal(List<JsonNode> sent, HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status == 429 || status >= 500) {
      return false;
    }
    String body = new String(response.body(), StandardCharsets.UTF_8);
    boolean events =
        response.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream");
    List<JsonNode> answers =
        (events ? events(body).flatMap(Again::messages) : messages(body))
            .filter(m -> m.has("result") || m.has("error"))
            .toList();
    return status >= 300
        || sent.stream()
            .filter(m -> m.has("id") && m.has("method"))
            .allMatch(request -> answers.stream().anyMatch(answer -> ends(answer, request)));
  }

  /** An error without an id is about all that was sent. */
  private static boolean ends(JsonNode answer, JsonNode request) {
    JsonNode id = answer.path("id");
    return (id.isMissingNode() || id.isNull() || id.equals(request.path("id")))
        && !mayBeSentAgain(request, answer.path("error").path("data"));
  }

  /**
   * Whether an error is for a moment, and a further sending is safe: it is for all that only reads,
   * and under a key that is kept.
   */
  private static boolean mayBeSentAgain(JsonNode request, JsonNode data) {
    return PASSING.contains(data.path("code").asString(""))
        && (!isOf(request, "tools/call")
            || data.has("idempotencyKey")
            || data.path("effect").asString("").equals("none"));
  }

  private static boolean isOf(JsonNode message, String method) {
    return message.path("method").asString("").equals(method);
  }

  /** The JSON-RPC messages of a body; none where it is something else. */
  private static Stream<JsonNode> messages(String text) {
    try {
      JsonNode found = JsonMapper.shared().readTree(text);
      Stream<JsonNode> all = found.isArray() ? found.valueStream() : Stream.of(found);
      return all.filter(m -> m.path("jsonrpc").asString("").equals("2.0"));
    } catch (JacksonException e) {
      return Stream.empty();
    }
  }

  /** The data of each event. One without its blank line was cut off. */
  private static Stream<String> events(String stream) {
    List<String> data = new ArrayList<>();
    List<String> events = new ArrayList<>();
    String[] lines = stream.split("\r\n|\r|\n", -1);
    for (String line : List.of(lines).subList(0, lines.length - 1)) { // The last has no end.
      if (line.isEmpty()) {
        events.add(String.join("\n", data));
        data.clear();
      } else if (line.startsWith("data:")) {
        data.add(line.substring("data:".length()).strip());
      }
    }
    return events.stream();
  }

  private static <T> CompletableFuture<HttpResponse<T>> handOver(
      HttpResponse<byte[]> response, BodyHandler<T> handler) {
    BodySubscriber<T> subscriber = handler.apply(new Info(response));
    AtomicBoolean over = new AtomicBoolean();
    subscriber.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long many) {
            if (over.compareAndSet(false, true)) {
              subscriber.onNext(List.of(ByteBuffer.wrap(response.body())));
              subscriber.onComplete();
            }
          }

          @Override
          public void cancel() {
            over.set(true);
          }
        });
    return subscriber
        .getBody()
        .<HttpResponse<T>>thenApply(body -> new Whole<>(response, body))
        .toCompletableFuture();
  }

  private record Info(HttpResponse<?> response) implements HttpResponse.ResponseInfo {
    @Override
    public int statusCode() {
      return response.statusCode();
    }

    @Override
    public HttpHeaders headers() {
      return response.headers();
    }

    @Override
    public Version version() {
      return response.version();
    }
  }

  private record Whole<T>(HttpResponse<?> response, T body) implements HttpResponse<T> {
    @Override
    public int statusCode() {
      return response.statusCode();
    }

    @Override
    public HttpRequest request() {
      return response.request();
    }

    @Override
    public Optional<HttpResponse<T>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public HttpHeaders headers() {
      return response.headers();
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return response.sslSession();
    }

    @Override
    public URI uri() {
      return response.uri();
    }

    @Override
    public Version version() {
      return response.version();
    }
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler, PushPromiseHandler<T> pushes) {
    return sendAsync(request, handler);
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<T>> response = sendAsync(request, handler);
    try {
      return response.get();
    } catch (InterruptedException e) {
      response.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return client.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return client.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return client.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return client.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return client.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return client.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return client.authenticator();
  }

  @Override
  public Version version() {
    return client.version();
  }

  @Override
  public Optional<Executor> executor() {
    return client.executor();
  }

  @Override
  public void close() {
    client.close();
  }
}
