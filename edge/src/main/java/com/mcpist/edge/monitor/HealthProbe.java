package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.OriginState;
import com.mcpist.edge.pool.OriginState.Health;
import com.mcpist.edge.wire.BoundedGet;
import com.mcpist.edge.wire.BoundedGet.UnexpectedException;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks one origin's health endpoint when its state says, one probe at a time, and tells the pool.
 * Used on one event loop's context only, but for {@link #release()}.
 */
final class HealthProbe {
  private static final int MAX_BODY_BYTES = 64 * 1024;
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final HttpClient client;
  private final OriginPool pool;
  private final Origin origin;
  private final MonitorSettings settings;
  private final Supplier<String> gatewaySecret;
  private final BoundedGet get;

  /** The probe whose result counts. */
  private int generation;

  private boolean asking;
  private boolean closed;
  private long timer = NO_TIMER;
  private @Nullable Instant scheduled;
  private volatile @Nullable String release;

  HealthProbe(
      Vertx vertx,
      HttpClient client,
      OriginPool pool,
      Origin origin,
      MonitorSettings settings,
      Supplier<String> gatewaySecret) {
    this.vertx = vertx;
    this.client = client;
    this.pool = pool;
    this.origin = origin;
    this.settings = settings;
    this.gatewaySecret = gatewaySecret;
    this.get = new BoundedGet(settings.expectedCode(), MAX_BODY_BYTES, settings.timeout());
  }

  /** What the origin last said it runs; null: it has not said. */
  @Nullable String release() {
    return release;
  }

  /** Sets the timer anew, as the state says now. */
  void update() {
    if (asking || closed) {
      return; // what a probe under way finds brings the next update
    }
    Instant next = state().nextProbe();
    if (timer != NO_TIMER && next.equals(scheduled)) {
      return;
    }
    cancelTimer();
    scheduled = next;
    long due = Duration.between(pool.clock().instant(), next).toMillis();
    // Later, never earlier: a probe before the end of a hold-down would not end it.
    long jitter = due <= 0 ? 0 : ThreadLocalRandom.current().nextLong(due / 10 + 1);
    timer = vertx.setTimer(Math.max(1, due + jitter), _ -> probeNow());
  }

  /** Probes at once; the result of a probe under way does not count any more. */
  void probeNow() {
    if (closed) {
      return;
    }
    cancelTimer();
    int mine = ++generation;
    asking = true;
    // What is not well is asked again soon anyway.
    int retries = state().health() == Health.HEALTHY ? settings.retries() : 0;
    ask(retries).onComplete(asked -> answered(mine, asked));
  }

  /** Asks once, and again at once after a timeout, so many times. */
  private Future<String> ask(int retries) {
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(origin.url().resolve(settings.path()).toString())
            .putHeader("Accept", "application/json")
            .putHeader("X-Gateway-Secret", gatewaySecret.get());
    return get.ask(client, options)
        .recover(
            failure ->
                retries > 0 && isTimeout(failure)
                    ? ask(retries - 1)
                    : Future.failedFuture(failure));
  }

  private void answered(int mine, AsyncResult<String> asked) {
    if (mine != generation || closed) {
      return;
    }
    asking = false;
    String failure = failure(asked);
    if (failure == null) {
      release = release(asked.result());
      pool.observe(new Observation.ProbeUp(origin.name()));
    } else {
      String reason = settings.path() + ": " + failure;
      pool.observe(new Observation.ProbeDown(origin.name(), reason));
    }
    update();
  }

  private @Nullable String release(String body) {
    try {
      JsonNode told = JsonMapper.shared().readTree(body).path("release");
      return told.isString() ? told.asString() : release;
    } catch (JacksonException _) {
      return release; // not one of MCPist's own, yet well by the words it was asked for
    }
  }

  /** Says in plain words why the origin is not well; null: it is. */
  private @Nullable String failure(AsyncResult<String> asked) {
    if (asked.succeeded()) {
      String expected = settings.expectedBody();
      return asked.result().contains(expected) ? null : "a body without " + expected;
    }
    return switch (asked.cause()) {
      case UnexpectedException unexpected -> unexpected.getMessage();
      case Throwable failure when isTimeout(failure) -> "no answer in time";
      case ConnectException _ -> "connection refused";
      case UnknownHostException _ -> "host name not found";
      case SSLException failure -> tls(failure);
      case HttpClosedException _ -> "connection closed";
      default -> "connection failed";
    };
  }

  private static boolean isTimeout(Throwable failure) {
    return failure instanceof TimeoutException || failure instanceof ConnectTimeoutException;
  }

  private static String tls(SSLException failure) {
    List<Throwable> causes =
        Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
            .limit(20)
            .toList();
    if (causes.stream().noneMatch(GeneralSecurityException.class::isInstance)) {
      return "TLS failed";
    }
    if (causes.stream().anyMatch(CertificateExpiredException.class::isInstance)) {
      return "TLS: its certificate has expired";
    }
    return causes.stream().anyMatch(HealthProbe::isOfPath)
        ? "TLS: its certificate is of no trusted authority"
        : "TLS: its certificate is not for this name";
  }

  private static boolean isOfPath(Throwable cause) {
    return cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException;
  }

  void close() {
    closed = true;
    cancelTimer();
  }

  private OriginState state() {
    return pool.state().origin(origin.name());
  }

  private void cancelTimer() {
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
  }
}
