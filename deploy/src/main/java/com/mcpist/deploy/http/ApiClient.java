package com.mcpist.deploy.http;

import module java.base;

import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call.Pace;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Speaks JSON with one vendor. A call is tried again when that does no harm: nothing was sent, the
 * vendor has had too many, or, of a repeatable call, the vendor failed or fell silent. What is
 * hidden is every form of the authorization, of which no message may repeat one.
 */
public record ApiClient(
    URI base,
    Optional<Secret> authorization,
    List<Secret> hidden,
    Duration timeout,
    Time time,
    HttpClient http,
    Limiter limiter,
    int attempts) {
  private static final int ATTEMPTS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final long LARGEST_ANSWER = 16 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  public ApiClient(
      URI base, Optional<Secret> authorization, List<Secret> hidden, Duration timeout, Time time) {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            // A token must not follow a redirect to somebody else.
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this(base, authorization, hidden, timeout, time, http, new Limiter(time), ATTEMPTS);
  }

  /** Returns a text without the path, since the path of a webhook is a secret. */
  @Override
  public String toString() {
    return "ApiClient[" + name() + "]";
  }

  /** Returns a client that makes each call once, for callers that ask again by themselves. */
  public ApiClient once() {
    return new ApiClient(base, authorization, hidden, timeout, time, http, limiter, 1);
  }

  public Answer send(Call call, Deadline deadline) throws ApiException, InterruptedException {
    for (int attempt = 1; true; attempt++) {
      awaitTurn(call, deadline);
      try {
        return attempt(call, deadline);
      } catch (ApiException e) {
        boolean again = e.passing() && (call.repeatable() || e.untouched());
        if (!again || attempt == attempts) {
          throw e;
        }
        pause(e, attempt, deadline);
      }
    }
  }

  private void awaitTurn(Call call, Deadline deadline) throws ApiException, InterruptedException {
    Duration turn = call.pace().map(limiter::take).orElse(Duration.ZERO);
    if (deadline.passed() || turn.compareTo(deadline.remaining()) > 0) {
      throw new ApiException(
          call, Reason.DEADLINE, "there was no time left, of " + seconds(deadline.length()));
    }
    if (!turn.isZero()) {
      time.sleep(turn);
    }
  }

  /** Waits as long as the vendor asks, or longer each time; fails at once when that is too long. */
  private void pause(ApiException e, int attempt, Deadline deadline)
      throws ApiException, InterruptedException {
    Duration pause = e.askedWait().orElseGet(() -> backoff(attempt));
    if (pause.compareTo(deadline.remaining()) >= 0) {
      throw e;
    }
    time.sleep(pause);
  }

  /** Half fixed and half by chance, so that two who failed together do not come back together. */
  private static Duration backoff(int attempt) {
    Duration full = FIRST_PAUSE.multipliedBy(1L << (attempt - 1));
    long millis = Math.min(full.toMillis(), LONGEST_PAUSE.toMillis());
    return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
  }

  public static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  private Answer attempt(Call call, Deadline deadline) throws ApiException, InterruptedException {
    Duration limit = deadline.atMost(call.timeout().orElse(timeout));
    if (SocketHttp.isSocket(base)) {
      return attemptAtSocket(call, limit);
    }
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            request(call), BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_ANSWER));
    try {
      // The request's own timeout ends with the headers; this one covers the body too.
      HttpResponse<byte[]> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return answer(
          call,
          response.statusCode(),
          response.headers(),
          response.body(),
          Certificate.of(response));
    } catch (ExecutionException e) {
      throw failure(call, Objects.requireNonNullElse(e.getCause(), e));
    } catch (TimeoutException _) {
      throw silent(call, limit);
    } finally {
      // This does nothing if the answer is there. Otherwise it closes the connection, also when
      // this thread is interrupted.
      answer.cancel(true);
    }
  }

  private Answer attemptAtSocket(Call call, Duration limit)
      throws ApiException, InterruptedException {
    byte[] body = call.body().map(Call.Body::bytes).orElseGet(() -> new byte[0]);
    try {
      SocketHttp.Response response =
          SocketHttp.send(
              base, new SocketHttp.Request(call.method(), call.path(), headers(call), body), limit);
      return answer(call, response.status(), response.headers(), response.body(), Optional.empty());
    } catch (HttpTimeoutException _) {
      throw silent(call, limit);
    } catch (IOException e) {
      throw failure(call, e);
    }
  }

  private ApiException silent(Call call, Duration limit) {
    return new ApiException(
        call, Reason.SILENT, "no answer within " + seconds(limit) + " of " + name());
  }

  /** Returns the name of the other side, for messages. */
  private String name() {
    return SocketHttp.isSocket(base) ? base.getPath() : base.getAuthority();
  }

  private Map<String, String> headers(Call call) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.put("Accept", "application/json");
    headers.put("User-Agent", "mcpist");
    authorization.ifPresent(secret -> headers.put("Authorization", secret.reveal()));
    call.body().ifPresent(body -> headers.put("Content-Type", body.type()));
    headers.putAll(call.headers());
    return headers;
  }

  private HttpRequest request(Call call) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(base.getRawPath() + call.path()));
    headers(call).forEach(request::setHeader);
    return request
        .method(
            call.method(),
            call.body()
                .map(body -> BodyPublishers.ofByteArray(body.bytes()))
                .orElseGet(BodyPublishers::noBody))
        .build();
  }

  private Answer answer(
      Call call, int status, HttpHeaders headers, byte[] body, Optional<Certificate> certificate)
      throws ApiException {
    String text = new String(body, StandardCharsets.UTF_8);
    boolean good = status / 100 == 2 || call.accepted().contains(status);
    JsonNode json = MissingNode.getInstance();
    // The answer to a HEAD request, and most answers to a DELETE request, have no body.
    if (!text.isBlank()) {
      try {
        json = JSON.readTree(text);
      } catch (JacksonException _) {
        if (good) {
          throw new ApiException(call, Reason.UNREADABLE, "the answer is no JSON");
        }
      }
    }
    if (good) {
      return new Answer(status, headers, json, certificate);
    }
    Stream<Secret> secrets = Stream.concat(hidden.stream(), call.hidden().stream());
    String said = Secret.redact(ApiException.said(json, text), secrets);
    throw new ApiException(call, status, askedWait(status, headers), json, said);
  }

  private Optional<Duration> askedWait(int status, HttpHeaders headers) {
    boolean exhausted = headers.firstValue("x-ratelimit-remaining").equals(Optional.of("0"));
    Optional<Duration> retryAfter = seconds(headers, "Retry-After");
    return switch (status) {
      case 429, 503 -> retryAfter.or(() -> untilReset(headers, exhausted));
      // Most 403 answers are about a permission, and no wait helps then.
      case 403 -> retryAfter.or(() -> exhausted ? untilReset(headers, true) : Optional.empty());
      default -> Optional.empty();
    };
  }

  /**
   * Returns the time until a limit is reset. Some vendors send the seconds that are left; others
   * send the moment, in seconds since 1970, of one limit.
   */
  private Optional<Duration> untilReset(HttpHeaders headers, boolean exhausted) {
    return headers
        .firstValue("x-ratelimit-reset")
        .filter(value -> exhausted && value.matches("[0-9]{9,11}"))
        .map(value -> Instant.ofEpochSecond(Long.parseLong(value)))
        .map(reset -> Duration.between(time.wall(), reset).plusSeconds(1))
        .map(left -> left.isNegative() ? Duration.ZERO : left)
        .or(() -> seconds(headers, "x-ratelimit-reset"));
  }

  private static Optional<Duration> seconds(HttpHeaders headers, String name) {
    return headers
        .firstValue(name)
        .filter(value -> value.matches("[0-9]{1,6}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)).plusMillis(1));
  }

  private ApiException failure(Call call, Throwable cause) {
    String host = name();
    return switch (cause) {
      case ConnectException e when hasNoAddress(e) ->
          new ApiException(call, Reason.NO_ADDRESS, host + " is not in DNS");
      case ConnectException _ ->
          new ApiException(call, Reason.UNREACHABLE, host + " cannot be reached");
      case HttpConnectTimeoutException _ ->
          new ApiException(call, Reason.UNREACHABLE, host + " does not accept a connection");
      case SSLHandshakeException e when wasClosedByHost(e) ->
          new ApiException(
              call,
              Reason.NO_CERTIFICATE,
              host + " shows no certificate: it closes the connection in the TLS handshake");
      case SSLHandshakeException _ ->
          new ApiException(
              call, Reason.NO_CERTIFICATE, host + " has no certificate that can be trusted");
      case IOException _ ->
          new ApiException(
              call, Reason.CUT, "the connection broke off before the answer of " + host);
      default ->
          new ApiException(
              call, Reason.CUT, "the request failed: " + cause.getClass().getSimpleName());
    };
  }

  /**
   * Returns true if the host's name has no address. The HTTP client wraps that error in two others.
   */
  private static boolean hasNoAddress(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause != null && (cause instanceof UnresolvedAddressException || hasNoAddress(cause));
  }

  /**
   * Returns true if the host has closed the connection and has not said why. The JDK tells that by
   * nothing but the message.
   */
  private static boolean wasClosedByHost(SSLHandshakeException failure) {
    return String.valueOf(failure.getMessage()).startsWith("Remote host ");
  }

  /**
   * Keeps to a vendor's limits, so that the vendor need not refuse calls. Safe for use by several
   * threads.
   */
  static final class Limiter {
    private final Time time;
    private final Map<String, Instant> next = new HashMap<>();

    Limiter(Time time) {
      this.time = time;
    }

    synchronized Duration take(Pace pace) {
      Instant now = time.now();
      Duration step = Duration.ofNanos((long) (1e9 / pace.perSecond()));
      Duration credit = step.multipliedBy(pace.burst() - 1L);
      Instant earliest = next.getOrDefault(pace.key(), now.minus(credit));
      Instant turn = earliest.isBefore(now.minus(credit)) ? now.minus(credit) : earliest;
      next.put(pace.key(), turn.plus(step));
      Duration wait = Duration.between(now, turn);
      return wait.isNegative() ? Duration.ZERO : wait;
    }
  }

  /** An answer. The certificate is empty unless the answer came by https. */
  public record Answer(
      int status, HttpHeaders headers, JsonNode body, Optional<Certificate> certificate) {}
}
