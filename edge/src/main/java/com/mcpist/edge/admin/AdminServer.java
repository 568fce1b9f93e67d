package com.mcpist.edge.admin;

import com.mcpist.edge.monitor.OriginPool;
import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.proxy.CallCounts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Shows the pool's state, drains and undrains, and lets the edge retire. */
public final class AdminServer {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int IDLE_SECONDS = 30;
  private static final Pattern ORIGIN = Pattern.compile("/origins/([^/]+)/(drain|undrain)");

  private final OriginPool pool;
  private final Function<String, @Nullable String> release;
  private final Supplier<CallCounts> calls;
  private final BearerToken token;
  private final @Nullable Runnable retire;
  private final HttpServer server;

  private AdminServer(
      Vertx vertx,
      OriginPool pool,
      Function<String, @Nullable String> release,
      Supplier<CallCounts> calls,
      BearerToken token,
      @Nullable Runnable retire) {
    this.pool = pool;
    this.release = release;
    this.calls = calls;
    this.token = token;
    this.retire = retire;
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(IDLE_SECONDS)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS))
            .requestHandler(this::handle);
  }

  /**
   * Listens on the loopback address.
   *
   * @param port 0: any free one
   * @param release what an origin runs, by its name
   * @param calls how they have ended so far
   * @param retire what to do when another edge has taken over; null: no other one can
   * @return fails when the port is taken
   */
  public static Future<AdminServer> start(
      Vertx vertx,
      int port,
      OriginPool pool,
      Function<String, @Nullable String> release,
      Supplier<CallCounts> calls,
      BearerToken token,
      @Nullable Runnable retire) {
    AdminServer admin = new AdminServer(vertx, pool, release, calls, token, retire);
    return admin.server.listen(port, LOOPBACK).map(admin);
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  public Future<Void> close() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    if (!token.isIn(request.getHeader("Authorization"))) {
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
    } else if (origin.matches()) {
      if (allowed(request, HttpMethod.POST)) {
        change(request, origin.group(1), origin.group(2).equals("drain"));
      }
    } else {
      fail(request, 404, "not_found", "There is no such path.");
    }
  }

  private static boolean allowed(HttpServerRequest request, HttpMethod method) {
    if (request.method().equals(method)) {
      return true;
    }
    request.response().putHeader("Allow", method.name());
    fail(request, 405, "method_not_allowed", "This path takes " + method.name() + " only.");
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
    var _ =
        request
            .response()
            .setStatusCode(code)
            .putHeader("Content-Type", "application/json")
            .putHeader("Cache-Control", "no-store")
            .end(JsonMapper.shared().writeValueAsString(body));
  }
}
