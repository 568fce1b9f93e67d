package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origin;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * One connection of a heartbeat, from its being made to its end. Used on one event loop's context
 * only.
 */
final class HeartbeatConnection {
  private static final int MAX_LINE_BYTES = 4096;

  /** Who is told what comes of it; never again once it is closed. */
  interface Listener {
    void tick(HeartbeatConnection from, Tick tick);

    /** It could not be made, or has ended. */
    void ended(HeartbeatConnection from);

    /** The origin answers with this code: it has no heartbeat, or none for this edge. */
    void refused(HeartbeatConnection from, int code);
  }

  private final Listener listener;
  private @Nullable HttpClientRequest request;
  private boolean open;
  private boolean closed;

  HeartbeatConnection(Listener listener) {
    this.listener = listener;
  }

  /**
   * Begins to connect.
   *
   * @param client that keeps no connection, so that this is a new one
   */
  void connect(HttpClient client, Origin origin, String gatewaySecret) {
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(origin.url().resolve("/heartbeat").toString())
            .putHeader("Accept", "text/event-stream")
            .putHeader("X-Gateway-Secret", gatewaySecret);
    client
        .request(options)
        .compose(this::send)
        .timeout(Heartbeat.SILENCE_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(this::answered, _ -> lost());
  }

  /** Whether the stream has begun. */
  boolean isOpen() {
    return open;
  }

  private Future<HttpClientResponse> send(HttpClientRequest made) {
    made.exceptionHandler(_ -> {}); // what ends the stream is told by its future
    if (closed) {
      var _ = made.reset();
      return Future.failedFuture("given up");
    }
    request = made;
    return made.send();
  }

  private void answered(HttpClientResponse response) {
    response.exceptionHandler(_ -> lost());
    if (closed) {
      return;
    }
    switch (response.statusCode()) {
      case 200 -> {
        open = true;
        RecordParser lines =
            RecordParser.newDelimited("\n", this::line).maxRecordSize(MAX_LINE_BYTES);
        lines.exceptionHandler(_ -> lost());
        response.endHandler(_ -> lost()).handler(lines);
      }
      case 401, 403, 404, 405 -> {
        close();
        listener.refused(this, response.statusCode());
      }
      default -> lost();
    }
  }

  private void line(Buffer line) {
    String text = line.toString();
    if (closed || !text.startsWith("data:")) {
      return;
    }
    Tick tick;
    try {
      tick = Tick.of(text.substring("data:".length()));
    } catch (JacksonException _) {
      lost(); // not a heartbeat: as good as none
      return;
    }
    listener.tick(this, tick);
  }

  /** Gives it up, and tells. */
  void lost() {
    if (!closed) {
      close();
      listener.ended(this);
    }
  }

  /** Gives it up, and tells nobody. */
  void close() {
    closed = true;
    HttpClientRequest made = request;
    request = null;
    if (made != null) {
      var _ = made.reset();
    }
  }
}
