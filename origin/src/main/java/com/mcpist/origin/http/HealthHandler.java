package com.mcpist.origin.http;

import com.mcpist.origin.auth.AcceptedSecrets;
import com.mcpist.origin.mcp.Json;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
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

  /**
   * One edge's heartbeat stream. Each tick starts on the executor that runs calls and is written on
   * the event loop, so that it stops when either of them does.
   */
  static final class Heartbeat implements Runnable, InFlight.Beating {
    private static final long INTERVAL_MILLIS = 250;

    private final HttpServerResponse response;
    private final Context loop;
    private final String instance;
    private final HealthSource health;
    private final InFlight inFlight;
    private volatile boolean over;

    Heartbeat(
        HttpServerResponse response,
        Context loop,
        String instance,
        HealthSource health,
        InFlight inFlight) {
      this.response = response;
      this.loop = loop;
      this.instance = instance;
      this.health = health;
      this.inFlight = inFlight;
    }

    /** Opens the stream. Called on the event loop. */
    void open(Executor executor) {
      inFlight.add(this);
      response.closeHandler(
          v -> {
            over = true;
            inFlight.remove(this);
          });
      Replies.beginStream(response);
      executor.execute(this);
    }

    @Override
    public void run() {
      try {
        while (!over) {
          Buffer tick = Replies.data(Json.bytes(state()));
          loop.runOnContext(v -> write(tick));
          TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
        }
      } catch (InterruptedException e) {
        // The server closes.
        Thread.currentThread().interrupt();
      }
    }

    private JsonNode state() {
      return Json.object()
          .put("instance", instance)
          .put("draining", inFlight.draining())
          .put("database", health.databaseAnswered())
          .put("clock", health.clock());
    }

    /** An edge that does not read misses ticks; they are not kept for it. */
    private void write(Buffer tick) {
      if (!over && !response.writeQueueFull()) {
        response.write(tick);
      }
    }

    @Override
    public void end() {
      if (!over) {
        over = true;
        response.end();
      }
    }
  }
}
