package com.mcpist.origin.http;

import com.mcpist.origin.mcp.Json;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * One edge's heartbeat stream. Each tick starts on the executor that runs calls and is written on
 * the event loop, so that it stops when either of them does.
 */
final class Heartbeat implements Runnable, InFlight.Beating {
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
        .put("database", health.databaseAnswered());
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
