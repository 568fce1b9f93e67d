package com.mcpist.edge.admin;

import com.mcpist.edge.call.Calls;
import com.mcpist.edge.gate.AdminToken;
import com.mcpist.edge.monitor.OriginPool;
import com.mcpist.edge.monitor.OriginReport;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.wire.HeaderHygiene;
import com.mcpist.telemetry.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serves the operator: shows the pool's state and the metrics, drains and undrains origins, lets
 * the edge retire, tells which gateway secret the edge has, without the value, and gives it another
 * one.
 */
public final class AdminServer {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int IDLE_SECONDS = 30;
  private static final int MAX_BODY_BYTES = 16 * 1024;
  private static final Pattern ORIGIN = Pattern.compile("/origins/([^/]+)/(drain|undrain)");

  private final OriginPool pool;
  private final Function<String, @Nullable String> release;
  private final Supplier<Calls.Status> calls;
  private final Vertx vertx;
  private final Metrics metrics;
  private final AdminToken token;
  private final SentSecret secret;
  private final @Nullable Runnable retire;
  private final HttpServer server;

  /**
   * Creates a server that does not listen yet.
   *
   * @param release gives the release that an origin runs, by the origin's name
   * @param token the token that every request must carry
   * @param retire run when another edge has taken over; null if no other edge can
   */
  public AdminServer(
      Vertx vertx,
      OriginPool pool,
      Function<String, @Nullable String> release,
      Supplier<Calls.Status> calls,
      Metrics metrics,
      String token,
      SentSecret secret,
      @Nullable Runnable retire) {
    this.vertx = vertx;
    this.pool = pool;
    this.release = release;
    this.calls = calls;
    this.metrics = metrics;
    this.token = new AdminToken(token);
    this.secret = secret;
    this.retire = retire;
    Connections connections = new Connections(vertx, Connections.Limits.DEFAULT);
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(IDLE_SECONDS)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS))
            .connectionHandler(connections::opened)
            .requestHandler(
                request -> {
                  connections.begun(request);
                  handle(request);
                });
  }

  /**
   * Listens on a port of loopback, of which 0 stands for any free port, or on a Unix socket. The
   * future fails if the address is taken.
   */
  public Future<AdminServer> listen(SocketAddress address) {
    return server.listen(address).map(this);
  }

  public int port() {
    return server.actualPort();
  }

  public Future<Void> close() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    if (!token.isIn(request.headers().getAll("Authorization"))) {
      request.response().putHeader("WWW-Authenticate", "Bearer");
      fail(request, 401, "unauthorized", "This needs Authorization: Bearer and the admin token.");
      return;
    }
    String path = String.valueOf(request.path());
    Matcher origin = ORIGIN.matcher(path);
    switch (path) {
      case "/status" -> take(request, () -> status(request), "GET");
      case "/metrics" -> take(request, () -> metrics(request), "GET");
      case "/retire" -> take(request, () -> retire(request), "POST");
      case "/secrets" -> take(request, () -> secrets(request), "POST", "PUT");
      case String _ when origin.matches() -> take(request, () -> change(request, origin), "POST");
      default -> fail(request, 404, "not_found", "There is no such path.");
    }
  }

  private static void take(HttpServerRequest request, Runnable action, String... methods) {
    if (List.of(methods).contains(request.method().name())) {
      action.run();
      return;
    }
    request.response().putHeader("Allow", String.join(", ", methods));
    String message = "This path takes " + String.join(" and ", methods) + " only.";
    fail(request, 405, "method_not_allowed", message);
  }

  private void change(HttpServerRequest request, Matcher origin) {
    String name = origin.group(1);
    boolean drain = origin.group(2).equals("drain");
    if (pool.origins().stream().noneMatch(o -> o.name().equals(name))) {
      fail(request, 404, "unknown_origin", "No origin has that name.");
      return;
    }
    if (!drain) {
      pool.observe(new Observation.Undrain(name));
    } else if (!pool.drain(name, "true".equals(request.getParam("force")))) {
      fail(
          request,
          409,
          "no_healthy_origin",
          "Draining it would leave no healthy origin; ?force=true does it all the same.");
      return;
    }
    status(request);
  }

  private void secrets(HttpServerRequest request) {
    // The HTTP server sets no bound on a body, so this code does.
    Buffer body = Buffer.buffer();
    request
        .handler(
            piece -> {
              if (body.length() <= MAX_BODY_BYTES) {
                body.appendBuffer(piece);
              }
            })
        .endHandler(
            _ -> {
              JsonNode given = json(body.length() > MAX_BODY_BYTES ? new byte[0] : body.getBytes());
              if (request.method().equals(HttpMethod.POST)) {
                prove(request, given);
              } else {
                replace(request, given);
              }
            });
  }

  private static JsonNode json(byte[] body) {
    try {
      return JsonMapper.shared().readTree(body);
    } catch (JacksonException _) {
      // The exception's message could quote a secret.
      return JsonMapper.shared().createObjectNode();
    }
  }

  /** Answers a challenge: {"nonce", "names"}. */
  private void prove(HttpServerRequest request, JsonNode asked) {
    String nonce = asked.path("nonce").asString("");
    JsonNode names = asked.path("names");
    if (!nonce.matches("[A-Za-z0-9_-]{43}") || !names.isArray()) {
      String takes = "This takes {\"nonce\", \"names\"}: 43 characters of base64url, and a list.";
      fail(request, 400, "bad_request", takes);
      return;
    }
    boolean known = names.valueStream().anyMatch(n -> n.asString("").equals(SentSecret.NAME));
    Map<String, String> proofs = known ? Map.of(SentSecret.NAME, secret.proof(nonce)) : Map.of();
    answer(request, 200, Map.of("proofs", proofs, "names", List.of(SentSecret.NAME)));
  }

  /** Takes another value: {"GATEWAY_SECRET"}. Attempts from now on are made with it. */
  private void replace(HttpServerRequest request, JsonNode given) {
    String value = given.path(SentSecret.NAME).asString("");
    if (given.size() == 1 && SentSecret.isOne(value)) {
      secret.replace(value);
      status(request);
    } else {
      String takes = "32 to 1024 characters of ASCII without a blank or a comma.";
      fail(request, 400, "bad_request", "This takes {\"GATEWAY_SECRET\"}: " + takes);
    }
  }

  private void retire(HttpServerRequest request) {
    if (retire == null) {
      fail(
          request,
          409,
          "not_inherited",
          "This edge's socket is its own: without it nobody would listen there. SIGTERM stops it.");
      return;
    }
    retire.run();
    answer(request, 202, report());
  }

  private void status(HttpServerRequest request) {
    answer(request, 200, report());
  }

  private void metrics(HttpServerRequest request) {
    String accept = request.getHeader("Accept");
    vertx
        .executeBlocking(() -> metrics.text(accept))
        .onSuccess(
            text -> {
              HeaderHygiene.putSecurity(request.response().headers());
              request.response().putHeader("Content-Type", text.type());
              var _ = request.response().end(text.body());
            })
        .onFailure(
            e -> {
              LOG.error("The metrics could not be read", e);
              fail(request, 500, "failed", "The metrics could not be read.");
            });
  }

  /** Returns the answer of GET /status. A release or a last failure that is not known is null. */
  private JsonNode report() {
    ObjectNode report = JsonMapper.shared().createObjectNode();
    report.set("origins", OriginReport.of(pool, release));
    return report.setAll(JsonMapper.shared().<ObjectNode>valueToTree(calls.get()));
  }

  private static void fail(HttpServerRequest request, int code, String error, String message) {
    String id = UUID.randomUUID().toString();
    answer(
        request,
        code,
        Map.of("error", Map.of("code", error, "message", message, "correlationId", id)));
  }

  private static void answer(HttpServerRequest request, int code, Object body) {
    HeaderHygiene.putSecurity(request.response().headers());
    var _ =
        request
            .response()
            .setStatusCode(code)
            .putHeader("Content-Type", "application/json")
            .end(JsonMapper.shared().writeValueAsString(body));
  }

  /**
   * Bounds what clients without a token can take of the edge. Anyone on its machine can connect,
   * and the connections that they hold open are missing where clients are received. A byte now and
   * then would defeat an idle timeout.
   */
  static final class Connections {
    private final Vertx vertx;
    private final Limits limits;
    private final Map<HttpConnection, Long> timers = new ConcurrentHashMap<>();

    /**
     * The largest number of connections at once, and the time in which a connection must send its
     * next request, or the rest of a request.
     */
    record Limits(int most, Duration request) {
      static final Limits DEFAULT = new Limits(64, Duration.ofSeconds(30));
    }

    Connections(Vertx vertx, Limits limits) {
      this.vertx = vertx;
      this.limits = limits;
    }

    void opened(HttpConnection connection) {
      // The client that broke the connection knows of it.
      connection.exceptionHandler(broken -> {});
      connection.closeHandler(closed -> stop(connection));
      if (timers.size() >= limits.most()) {
        connection.close();
      } else {
        restart(connection);
      }
    }

    /**
     * Notes that a request's head has come. Its body, and what follows its response, have as long
     * again.
     */
    void begun(HttpServerRequest request) {
      restart(request.connection());
      request.response().endHandler(ended -> restart(request.connection()));
    }

    private void restart(HttpConnection connection) {
      stop(connection);
      timers.put(connection, vertx.setTimer(limits.request().toMillis(), due -> end(connection)));
    }

    private void end(HttpConnection connection) {
      timers.remove(connection);
      connection.close();
    }

    private void stop(HttpConnection connection) {
      Long timer = timers.remove(connection);
      if (timer != null) {
        vertx.cancelTimer(timer);
      }
    }
  }
}
