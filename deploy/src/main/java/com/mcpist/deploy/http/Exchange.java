package com.mcpist.deploy.http;

import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** One attempt of a call: a request, and an answer or what happened instead. */
final class Exchange {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final long LARGEST_ANSWER = 16 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          // A token must not follow a redirect to somebody else.
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final URI base;
  private final Optional<Secret> authorization;
  private final List<Secret> hidden;
  private final Duration timeout;
  private final Time time;

  Exchange(
      URI base, Optional<Secret> authorization, List<Secret> hidden, Duration timeout, Time time) {
    this.base = base;
    this.authorization = authorization;
    this.hidden = List.copyOf(hidden);
    this.timeout = timeout;
    this.time = time;
  }

  Answer send(Call call, Deadline deadline) throws ApiException, InterruptedException {
    Duration limit = deadline.atMost(call.timeout().orElse(timeout));
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request(call), BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_ANSWER));
    try {
      // The request's own timeout ends with the headers; this one covers the body too.
      return answer(call, answer.get(limit.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      throw failure(call, Objects.requireNonNullElse(e.getCause(), e));
    } catch (TimeoutException _) {
      throw new ApiException(
          call, Reason.SILENT, "no answer within " + ApiClient.seconds(limit) + from());
    } finally {
      // Nothing where it is done; else the connection is closed, also when this thread is
      // interrupted.
      answer.cancel(true);
    }
  }

  private HttpRequest request(Call call) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(base.getRawPath() + call.path()))
            .header("Accept", "application/json")
            .header("User-Agent", "mcpist");
    authorization.ifPresent(secret -> request.header("Authorization", secret.reveal()));
    call.headers().forEach(request::setHeader);
    call.body().ifPresent(body -> request.header("Content-Type", body.type()));
    return request
        .method(
            call.method(),
            call.body()
                .map(body -> BodyPublishers.ofByteArray(body.bytes()))
                .orElseGet(BodyPublishers::noBody))
        .build();
  }

  private Answer answer(Call call, HttpResponse<byte[]> response) throws ApiException {
    String text = new String(response.body(), StandardCharsets.UTF_8);
    int status = response.statusCode();
    boolean good = status / 100 == 2 || call.accepted().contains(status);
    if (good) {
      return new Answer(status, response.headers(), parse(call, text));
    }
    JsonNode json = parseLeniently(text);
    String said = redact(call, ErrorText.of(json, text));
    throw new ApiException(
        call,
        Reason.STATUS,
        status,
        askedWait(response),
        ErrorText.codes(json),
        "HTTP " + status + (said.isEmpty() ? "" : ": " + said));
  }

  private static JsonNode parse(Call call, String text) throws ApiException {
    // A HEAD, and most answers to a DELETE, have no body.
    if (text.isBlank()) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(text);
    } catch (JacksonException _) {
      throw new ApiException(call, Reason.UNREADABLE, "the answer is no JSON");
    }
  }

  private static JsonNode parseLeniently(String text) {
    try {
      return text.isBlank() ? MissingNode.getInstance() : JSON.readTree(text);
    } catch (JacksonException _) {
      return MissingNode.getInstance();
    }
  }

  private Optional<Duration> askedWait(HttpResponse<byte[]> response) {
    HttpHeaders headers = response.headers();
    boolean exhausted = headers.firstValue("x-ratelimit-remaining").equals(Optional.of("0"));
    Optional<Duration> retryAfter = seconds(headers, "Retry-After");
    return switch (response.statusCode()) {
      case 429, 503 -> retryAfter.or(() -> untilReset(headers, exhausted));
      // Most are about a permission, and no wait helps.
      case 403 -> retryAfter.or(() -> exhausted ? untilReset(headers, true) : Optional.empty());
      default -> Optional.empty();
    };
  }

  /** Some say how many seconds are left; some say when, in seconds since 1970, of one limit. */
  private Optional<Duration> untilReset(HttpHeaders headers, boolean exhausted) {
    Optional<Duration> moment =
        exhausted
            ? headers
                .firstValue("x-ratelimit-reset")
                .filter(value -> value.matches("[0-9]{9,11}"))
                .map(value -> Instant.ofEpochSecond(Long.parseLong(value)))
                .map(reset -> Duration.between(time.wall(), reset).plusSeconds(1))
                .map(left -> left.isNegative() ? Duration.ZERO : left)
            : Optional.empty();
    return moment.or(() -> seconds(headers, "x-ratelimit-reset"));
  }

  private static Optional<Duration> seconds(HttpHeaders headers, String name) {
    return headers
        .firstValue(name)
        .filter(value -> value.matches("[0-9]{1,6}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)).plusMillis(1));
  }

  private ApiException failure(Call call, Throwable cause) {
    return switch (cause) {
      case ConnectException e when hasNoAddress(e) ->
          unreachable(call, Reason.NO_ADDRESS, "is not in DNS");
      case ConnectException _ -> unreachable(call, Reason.UNREACHABLE, "cannot be reached");
      case HttpConnectTimeoutException _ ->
          unreachable(call, Reason.UNREACHABLE, "does not accept a connection");
      case SSLHandshakeException _ ->
          unreachable(call, Reason.NO_CERTIFICATE, "has no certificate that can be trusted");
      case IOException _ ->
          new ApiException(call, Reason.CUT, "the connection broke off before the answer" + from());
      default ->
          new ApiException(
              call, Reason.CUT, "the request failed: " + cause.getClass().getSimpleName());
    };
  }

  /** The client hides it two causes deep. */
  private static boolean hasNoAddress(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause != null && (cause instanceof UnresolvedAddressException || hasNoAddress(cause));
  }

  private ApiException unreachable(Call call, Reason reason, String problem) {
    return new ApiException(call, reason, base.getAuthority() + " " + problem);
  }

  private String from() {
    return " of " + base.getAuthority();
  }

  private String redact(Call call, String text) {
    List<Secret> all = new ArrayList<>(hidden);
    all.addAll(call.hidden());
    String redacted = text;
    for (Secret secret : all) {
      redacted = secret.redact(redacted);
    }
    return redacted;
  }
}
