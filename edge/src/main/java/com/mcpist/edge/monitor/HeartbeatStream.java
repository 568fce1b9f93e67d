package com.mcpist.edge.monitor;

import com.mcpist.edge.proxy.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps one heartbeat stream open to an origin, connecting again with backoff. Used on one event
 * loop's context only.
 */
final class HeartbeatStream {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatStream.class);
  private static final int MAX_LINE_BYTES = 4096;
  private static final long BACKOFF_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 500;

  /** An origin without a heartbeat may be given another release that has one. */
  private static final long ABSENT_MILLIS = 30_000;

  /** Who is told what is heard. */
  interface Listener {
    /** {@code draining}: the origin is stopping; {@code database}: its database answers. */
    void tick(boolean draining, boolean database);

    /** The stream was open and is not any more. */
    void ended();

    /** The origin has no heartbeat. */
    void absent();
  }

  private final Vertx vertx;
  private final HttpClient client;
  private final Origin origin;
  private final Supplier<String> gatewaySecret;
  private final Listener listener;

  /** The connection that counts; what comes of an earlier one is not heard. */
  private int generation;

  private long backoff = BACKOFF_MILLIS;
  private boolean open;
  private boolean refusalLogged;
  private @Nullable HttpClientRequest request;

  HeartbeatStream(
      Vertx vertx,
      HttpClient client,
      Origin origin,
      Supplier<String> gatewaySecret,
      Listener listener) {
    this.vertx = vertx;
    this.client = client;
    this.origin = origin;
    this.gatewaySecret = gatewaySecret;
    this.listener = listener;
  }

  void connect() {
    int mine = ++generation;
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(origin.url().resolve("/heartbeat").toString())
            .putHeader("Accept", "text/event-stream")
            .putHeader("X-Gateway-Secret", gatewaySecret.get());
    client
        .request(options)
        .compose(
            made -> {
              made.exceptionHandler(_ -> {}); // what ends the stream is told by its future
              if (mine != generation) {
                var _ = made.reset();
                return Future.failedFuture("given up");
              }
              request = made;
              return made.send();
            })
        .timeout(Pulse.SILENCE_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(response -> opened(mine, response), _ -> lost(mine));
  }

  /** Gives up the connection, if there is one, and makes another. */
  void reconnect() {
    if (open) {
      lost(generation);
    }
  }

  void close() {
    generation++;
    open = false;
    drop();
  }

  private void opened(int mine, HttpClientResponse response) {
    response.exceptionHandler(_ -> lost(mine));
    if (mine != generation) {
      return;
    }
    switch (response.statusCode()) {
      case 200 -> {
        open = true;
        RecordParser lines =
            RecordParser.newDelimited("\n", line -> line(mine, line)).maxRecordSize(MAX_LINE_BYTES);
        lines.exceptionHandler(_ -> lost(mine));
        response.endHandler(_ -> lost(mine)).handler(lines);
      }
      case 401, 403, 404, 405 -> absent(response.statusCode());
      default -> lost(mine);
    }
  }

  private void absent(int code) {
    if ((code == 401 || code == 403) && !refusalLogged) {
      refusalLogged = true;
      LOG.warn("origin {}: /heartbeat refuses the gateway secret", origin.name());
    }
    generation++;
    drop();
    listener.absent();
    again(ABSENT_MILLIS);
  }

  private void line(int mine, Buffer line) {
    String text = line.toString();
    if (mine != generation || !text.startsWith("data:")) {
      return;
    }
    try {
      JsonNode tick = JsonMapper.shared().readTree(text.substring("data:".length()));
      backoff = BACKOFF_MILLIS;
      listener.tick(tick.path("draining").asBoolean(false), tick.path("database").asBoolean(false));
    } catch (JacksonException _) {
      lost(mine); // not a heartbeat: as good as none
    }
  }

  private void lost(int mine) {
    if (mine != generation) {
      return;
    }
    generation++;
    drop();
    if (open) {
      open = false;
      listener.ended();
    }
    again(backoff);
    backoff = Math.min(backoff * 2, BACKOFF_MAX_MILLIS);
  }

  private void again(long millis) {
    int waiting = generation;
    long jitter = ThreadLocalRandom.current().nextLong(millis / 4 + 1);
    vertx.setTimer(
        millis + jitter,
        _ -> {
          if (waiting == generation) {
            connect();
          }
        });
  }

  private void drop() {
    HttpClientRequest made = request;
    request = null;
    if (made != null) {
      var _ = made.reset();
    }
  }
}
