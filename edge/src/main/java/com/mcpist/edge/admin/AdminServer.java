package com.mcpist.edge.admin;

import com.mcpist.edge.call.CallCounts;
import com.mcpist.edge.monitor.OriginPool;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.wire.SecurityHeaders;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Shows the pool's state, drains and undrains, lets the edge retire, and gives it another gateway
 * secret.
 */
public final class AdminServer {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int IDLE_SECONDS = 30;
  private static final int MAX_BODY_BYTES = 16 * 1024;
  private static final Pattern ORIGIN = Pattern.compile("/origins/([^/]+)/(drain|undrain)");

  private final OriginPool pool;
  private final Function<String, @Nullable String> release;
  private final Supplier<CallCounts> calls;
  private final BearerToken token;
  private final SecretsEndpoint secrets;
  private final @Nullable Runnable retire;
  private final HttpServer server;

  /**
   * Does not listen yet.
   *
   * @param release what an origin runs, by its name
   * @param calls how they have ended so far
   * @param secret what origins are shown
   * @param retire what to do when another edge has taken over; null: no other one can
   */
  public AdminServer(
      Vertx vertx,
      OriginPool pool,
      Function<String, @Nullable String> release,
      Supplier<CallCounts> calls,
      BearerToken token,
      SentSecret secret,
      @Nullable Runnable retire) {
    this.pool = pool;
    this.release = release;
    this.calls = calls;
    this.token = token;
    this.secrets = new SecretsEndpoint(secret);
    this.retire = retire;
    AdminConnections connections = new AdminConnections(vertx, AdminConnections.Limits.DEFAULT);
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
   * Listens on the loopback address.
   *
   * @param port 0: any free one
   * @return fails when the port is taken
   */
  public Future<AdminServer> listen(int port) {
    return server.listen(port, LOOPBACK).map(this);
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  /** Listens no more. */
  public Future<Void> close() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    if (!token.isIn(request.headers().getAll("Authorization"))) {
      request.response().putHeader("WWW-Authenticate", "Bearer");
      fail(request, 401, "unauthorized", "This needs Authorization: Bearer and the admin token.");
      return;
    }
    String path = request.path();
    Matcher origin = ORIGIN.matcher(path == null ? "" : path);
    if ("/status".equals(path)) {
      if (allowed(request, HttpMethod.GET)) {
        status(request);
      }
    } else if ("/retire".equals(path)) {
      if (allowed(request, HttpMethod.POST)) {
        retire(request);
      }
    } else if ("/secrets".equals(path)) {
      if (allowed(request, HttpMethod.POST, HttpMethod.PUT)) {
        secrets(request);
      }
    } else if (origin.matches()) {
      if (allowed(request, HttpMethod.POST)) {
        change(request, origin.group(1), origin.group(2).equals("drain"));
      }
    } else {
      fail(request, 404, "not_found", "There is no such path.");
    }
  }

  private static boolean allowed(HttpServerRequest request, HttpMethod... methods) {
    List<String> names = Stream.of(methods).map(HttpMethod::name).toList();
    if (names.contains(request.method().name())) {
      return true;
    }
    request.response().putHeader("Allow", String.join(", ", names));
    String message = "This path takes " + String.join(" and ", names) + " only.";
    fail(request, 405, "method_not_allowed", message);
    return false;
  }

  private void change(HttpServerRequest request, String name, boolean drain) {
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
    // The server's form of a body is bounded by nothing, so this one is.
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
              byte[] given = body.length() > MAX_BODY_BYTES ? new byte[0] : body.getBytes();
              if (request.method().equals(HttpMethod.POST)) {
                prove(request, given);
              } else {
                replace(request, given);
              }
            });
  }

  private void prove(HttpServerRequest request, byte[] body) {
    String takes = "This takes {\"nonce\", \"names\"}: 43 characters of base64url, and a list.";
    secrets
        .prove(body)
        .ifPresentOrElse(
            proofs -> answer(request, 200, proofs), () -> fail(request, 400, "bad_request", takes));
  }

  private void replace(HttpServerRequest request, byte[] body) {
    if (secrets.replace(body)) {
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

  private StatusReport report() {
    return StatusReport.of(pool.origins(), pool.state(), release, calls.get());
  }

  private static void fail(HttpServerRequest request, int code, String error, String message) {
    answer(
        request,
        code,
        Map.of(
            "error",
            Map.of(
                "code", error,
                "message", message,
                "correlationId", UUID.randomUUID().toString())));
  }

  private static void answer(HttpServerRequest request, int code, Object body) {
    SecurityHeaders.put(request.response().headers());
    var _ =
        request
            .response()
            .setStatusCode(code)
            .putHeader("Content-Type", "application/json")
            .end(JsonMapper.shared().writeValueAsString(body));
  }
}
