package com.mcpist.origin.http;

import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.mcp.Json;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Answers /health. Confined to the event loop, but for the check itself. */
final class HealthHandler implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(HealthHandler.class);

  private final HealthSource source;
  private final AcceptedSecrets secrets;
  private final Context loop;
  private final InFlight inFlight;
  private final Executor executor;
  private @Nullable Future<HealthSource.Report> running;

  HealthHandler(
      HealthSource source,
      AcceptedSecrets secrets,
      Context loop,
      InFlight inFlight,
      Executor executor) {
    this.source = source;
    this.secrets = secrets;
    this.loop = loop;
    this.inFlight = inFlight;
    this.executor = executor;
  }

  @Override
  public void handle(HttpServerRequest request) {
    boolean insider = secrets.accept(request.headers().getAll(Router.SECRET_HEADER));
    check()
        .onComplete(
            checked -> {
              HealthSource.Report report = checked.result();
              boolean healthy = report.healthy() && !inFlight.draining();
              ObjectNode body = Json.object().put("status", healthy ? "ok" : "unhealthy");
              if (insider) {
                body.setAll(report.details());
              }
              Replies.json(request.response(), healthy ? 200 : 503, body);
            });
  }

  /** The path is open to anyone, so requests that come together share one check. */
  private Future<HealthSource.Report> check() {
    if (running != null) {
      return running;
    }
    Promise<HealthSource.Report> promise = Promise.promise();
    running = promise.future().onComplete(done -> running = null);
    executor.execute(
        () -> {
          HealthSource.Report report = checked();
          loop.runOnContext(v -> promise.complete(report));
        });
    return promise.future();
  }

  private HealthSource.Report checked() {
    try {
      return source.check();
    } catch (RuntimeException e) {
      LOG.error("The health check failed", e);
      return new HealthSource.Report(false, Json.object());
    }
  }
}
