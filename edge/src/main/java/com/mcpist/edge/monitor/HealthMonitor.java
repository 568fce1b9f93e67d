package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.OriginState;
import com.mcpist.edge.time.LoopClock;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.edge.wire.OwnRequest;
import com.mcpist.edge.wire.OwnRequest.Answer;
import com.mcpist.edge.wire.OwnRequest.UnexpectedException;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** Probes every origin and listens to its heartbeat, on one event loop's context. */
public final class HealthMonitor {
  private static final long BEAT_MILLIS = 100;
  private static final int CONNECT_TIMEOUT_MILLIS = 1_000;
  private static final int MAX_BODY_BYTES = 64 * 1024;
  private static final long NO_TIMER = -1;
  private static final String HEALTH = "/health";
  private static final String JSON = "application/json";
  private static final String OK = "\"status\":\"ok\"";
  private static final int NOT_IMPLEMENTED = 501;

  /**
   * The request for an origin without /health. A server that wants a session first refuses it in
   * JSON-RPC, which shows that the server is there.
   */
  private static final Buffer PING =
      Buffer.buffer("{\"jsonrpc\":\"2.0\",\"id\":\"mcpist-edge\",\"method\":\"ping\"}");

  /**
   * The largest number of connections per origin: the heartbeat, the heartbeat of a process that
   * was replaced, the connection that looks which process is there, a probe, and one of each of the
   * last two that is on its way out.
   */
  private static final int CONNECTIONS = 6;

  private final Vertx vertx;
  private final Context context;
  private final OriginPool pool;
  private final MonitorSettings settings;
  private final Supplier<String> gatewaySecret;
  private final MonotonicClock clock;
  private final Addresses addresses;
  private final HttpClient client;
  private final OwnRequest probing;
  private final Map<String, Probe> probes = new LinkedHashMap<>();
  private final List<HeartbeatWatch> heartbeats = new ArrayList<>();
  private final LoopClock loop = new LoopClock(2 * BEAT_MILLIS, System.nanoTime());
  private boolean closed;

  /**
   * Creates a monitor. {@code gatewaySecret} gives the secret that is sent with each probe, so that
   * the origin tells its release.
   */
  public HealthMonitor(
      Vertx vertx,
      OriginPool pool,
      MonitorSettings settings,
      Supplier<String> gatewaySecret,
      MonotonicClock clock,
      Addresses addresses) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.pool = pool;
    this.settings = settings;
    this.gatewaySecret = gatewaySecret;
    this.clock = clock;
    this.addresses = addresses;
    this.probing = new OwnRequest(MAX_BODY_BYTES, settings.timeout());
    // No connection is kept, since a connection to a process that has gone would be a false
    // failure.
    this.client =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setKeepAlive(false)
                    .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                    .setTcpNoDelay(true))
            .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS))
            // A failure without a handler would be logged as an error. The request tells of it.
            .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
            .build();
    for (Origin origin : pool.origins()) {
      Probe probe = new Probe(origin);
      probes.put(origin.name(), probe);
      heartbeats.add(
          new HeartbeatWatch(
              vertx,
              client,
              origin,
              () -> request(origin, "/heartbeat", "text/event-stream"),
              pool,
              probe::probeNow,
              loop,
              clock,
              () -> heartbeatsBut(origin)));
    }
    context.runOnContext(_ -> begin());
  }

  private RequestOptions request(Origin origin, String path, String accept) {
    return addresses
        .request(origin.url())
        .setURI(path)
        .putHeader("Accept", accept)
        .putHeader("X-Gateway-Secret", gatewaySecret.get());
  }

  private List<Heartbeat> heartbeatsBut(Origin one) {
    return heartbeats.stream()
        .filter(each -> !each.origin().equals(one))
        .map(HeartbeatWatch::heartbeat)
        .toList();
  }

  /** Returns the release that the origin last said it runs; null if it has not said so. */
  public @Nullable String release(String origin) {
    Probe probe = probes.get(origin);
    return probe == null ? null : probe.release;
  }

  /** Stops watching; the pool's state stays as it is. */
  public Future<Void> close() {
    Promise<Void> stopped = Promise.promise();
    context.runOnContext(
        _ -> {
          closed = true;
          probes.values().forEach(Probe::close);
          heartbeats.forEach(HeartbeatWatch::close);
          stopped.complete();
        });
    return stopped.future().compose(_ -> client.close());
  }

  private void begin() {
    pool.watch(() -> context.runOnContext(_ -> updateProbes()));
    heartbeats.forEach(HeartbeatWatch::connect);
    updateProbes();
    vertx.setPeriodic(BEAT_MILLIS, this::beat);
  }

  private void updateProbes() {
    if (!closed) {
      probes.values().forEach(Probe::update);
    }
  }

  private void beat(long timer) {
    if (closed) {
      vertx.cancelTimer(timer);
      return;
    }
    long now = loop.beat(System.nanoTime());
    heartbeats.forEach(each -> each.reconnectIfStale(now));
    heartbeats.forEach(each -> each.judge(now));
  }

  /**
   * Asks one origin for its health when its state says so, one probe at a time, and tells the pool.
   * Used on one event loop's context only, except for {@code release}.
   */
  private final class Probe {
    private final Origin origin;

    /** The number of the probe whose result counts. */
    private int generation;

    private boolean asking;
    private long timer = NO_TIMER;
    private @Nullable Instant scheduled;
    private volatile @Nullable String release;

    Probe(Origin origin) {
      this.origin = origin;
    }

    /** Sets the timer anew for the time that the state has now. */
    void update() {
      if (asking || closed) {
        // The result of a probe under way brings the next update.
        return;
      }
      Instant next = state().nextProbe();
      if (timer != NO_TIMER && next.equals(scheduled)) {
        return;
      }
      cancelTimer();
      scheduled = next;
      long due = Duration.between(pool.clock().instant(), next).toMillis();
      // The probe may come later than planned, but never earlier: before the end of a hold-down, it
      // would not end the hold-down.
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
      // An origin that is not healthy is asked again soon anyway.
      int retries = state().health() == Health.HEALTHY ? settings.retries() : 0;
      ask(retries).onComplete(asked -> answered(mine, asked));
    }

    /** Asks once, and after a timeout again at once, up to {@code retries} times. */
    private Future<Answer> ask(int retries) {
      return probing
          .ask(client, request(origin, HEALTH, JSON), Buffer.buffer())
          .compose(this::judge)
          .recover(
              failure ->
                  retries > 0 && isTimeout(failure)
                      ? ask(retries - 1)
                      : Future.failedFuture(failure));
    }

    /** Asks a server by MCP if it has no /health, or uses that path for something else. */
    private Future<Answer> judge(Answer health) {
      int status = health.head().statusCode();
      if (status == 200 && health.body().contains(OK)) {
        return Future.succeededFuture(health);
      }
      return status >= 500 && status != NOT_IMPLEMENTED
          ? Future.failedFuture(new UnexpectedException(HEALTH + ": code " + status))
          : ping();
    }

    private Future<Answer> ping() {
      RequestOptions ping =
          request(origin, origin.mcpPath(), JSON + ", text/event-stream")
              .setMethod(HttpMethod.POST)
              .putHeader(HttpHeaders.CONTENT_TYPE, JSON);
      return probing
          .ask(client, ping, PING)
          .compose(
              answer -> {
                int status = answer.head().statusCode();
                // An origin that keeps a ledger has /health and says so in each answer. So a
                // refusal
                // without X-Ledger comes from something in its place, such as a platform's page.
                boolean inItsPlace =
                    status >= 300 && !keepsCalls(answer) && pool.keepsCalls(origin);
                boolean asksWhoCalls = status == 401 || status == 403;
                boolean speaksMcp = status < 500 && answer.body().contains("\"jsonrpc\"");
                return !inItsPlace && (asksWhoCalls || speaksMcp)
                    ? Future.succeededFuture(answer)
                    : Future.failedFuture(
                        new UnexpectedException(
                            "no MCP at " + origin.mcpPath() + ": code " + status));
              });
    }

    private static boolean keepsCalls(Answer answer) {
      return answer.head().headers().contains(Origins.LEDGER);
    }

    private void answered(int mine, AsyncResult<Answer> asked) {
      if (mine != generation || closed) {
        return;
      }
      asking = false;
      String failure = failure(asked);
      if (failure == null) {
        Answer answer = asked.result();
        read(answer.body());
        boolean keeps = keepsCalls(answer);
        // A refusal may come from a platform in the origin's place, so that it does not show that
        // the origin keeps no ledger.
        if (keeps || answer.head().statusCode() < 300) {
          pool.says(origin.name(), keeps);
        }
        pool.observe(new Observation.ProbeUp(origin.name()));
      } else {
        if (HeartbeatWatch.refused(asked.cause())) {
          pool.refused(origin.name());
        }
        pool.observe(new Observation.ProbeDown(origin.name(), failure));
      }
      update();
    }

    private void read(String body) {
      try {
        JsonNode told = JsonMapper.shared().readTree(body);
        release = told.path("release").isString() ? told.path("release").asString() : release;
        if (!loop.wasStopped(System.nanoTime())) {
          clock.tell(told.path("clock").asLong(0));
        }
      } catch (JacksonException _) {
        // The origin is not one of MCPist's own.
      }
    }

    /** Returns in plain words why the origin is not healthy; null if it is. */
    private @Nullable String failure(AsyncResult<Answer> asked) {
      if (asked.succeeded()) {
        return null;
      }
      return switch (asked.cause()) {
        case UnexpectedException unexpected -> unexpected.getMessage();
        case Throwable failure when isTimeout(failure) -> HEALTH + ": no answer in time";
        case ConnectException _ -> HEALTH + ": connection refused";
        case UnknownHostException _ -> HEALTH + ": host name not found";
        case SSLException failure -> HEALTH + ": " + tls(failure);
        case HttpClosedException _ -> HEALTH + ": connection closed";
        default -> HEALTH + ": connection failed";
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
      return causes.stream().anyMatch(Probe::isOfPath)
          ? "TLS: its certificate is of no trusted authority"
          : "TLS: its certificate is not for this name";
    }

    private static boolean isOfPath(Throwable cause) {
      return cause instanceof CertPathBuilderException
          || cause instanceof CertPathValidatorException;
    }

    void close() {
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
}
