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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An HTTP client that sends each JSON-RPC request again until it is answered, for 5 minutes, and
 * each tools/call under a key. Everything else passes.
 */
public final class Again extends HttpClient {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  /** What an error says that is there for a moment: docs/idempotency.md. */
  private static final Set<String> PASSING =
      Set.of(
          "origin_unavailable",
          "outcome_unknown",
          "rate_limited",
          "overloaded",
          "auth_unavailable");

  private final HttpClient client;

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
    return bodyOf(request)
        .thenCompose(
            body -> {
              List<JsonNode> sent = messages(new String(body, StandardCharsets.UTF_8)).toList();
              return sent.isEmpty() || sent.stream().anyMatch(m -> isOf(m, "subscriptions/listen"))
                  ? client.sendAsync(request, handler) // An answer to the latter lasts.
                  : attempt(keyed(request, sent), sent, System.nanoTime() + LIMIT.toNanos(), 20)
                      .thenCompose(response -> handOver(response, handler));
            });
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

  private static HttpRequest keyed(HttpRequest request, List<JsonNode> sent) {
    boolean needsKey =
        sent.stream().anyMatch(m -> isOf(m, "tools/call"))
            && request.headers().firstValue("Idempotency-Key").isEmpty();
    HttpRequest.Builder builder = HttpRequest.newBuilder(request, (_, _) -> true);
    return needsKey
        ? builder.setHeader("Idempotency-Key", UUID.randomUUID().toString()).build()
        : request;
  }

  /** A stream too is read whole: one that breaks is no answer. */
  private CompletableFuture<HttpResponse<byte[]>> attempt(
      HttpRequest request, List<JsonNode> sent, long end, long pauseMillis) {
    return client
        .sendAsync(request, BodyHandlers.ofByteArray())
        .handle(
            (response, failure) -> {
              if (failure != null && !(cause(failure) instanceof IOException)) {
                return CompletableFuture.<HttpResponse<byte[]>>failedFuture(cause(failure));
              }
              long seconds = response == null ? 0 : retryAfter(response);
              boolean answered = response != null && seconds == 0 && isFinal(sent, response);
              if (answered || System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) > end) {
                return response == null
                    ? CompletableFuture.<HttpResponse<byte[]>>failedFuture(cause(failure))
                    : CompletableFuture.completedFuture(response);
              }
              long wait = Math.max(pauseMillis, TimeUnit.SECONDS.toMillis(seconds));
              long next = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
              Executor later = CompletableFuture.delayedExecutor(wait, TimeUnit.MILLISECONDS);
              return CompletableFuture.supplyAsync(() -> attempt(request, sent, end, next), later)
                  .thenCompose(Function.identity());
            })
        .thenCompose(Function.identity());
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
    try {
      return sendAsync(request, handler).get();
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
