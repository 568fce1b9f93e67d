package com.mcpist.edge.proxy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** One exchange of a call with one origin, from looking for a connection to the response's end. */
final class Attempt implements Watched {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int SERVER_ERRORS = 500;
  private static final int UNAVAILABLE = 503;

  /** With a 503: the origin promises that nothing was run, and that it is well. */
  private static final String NOT_RUN = "X-Not-Run";

  private static final int FORBIDDEN = 403;

  private final EventLoop loop;
  private final Call call;
  private final Origin origin;
  private final int number;
  private final long begun;
  private final long deadline;
  private @Nullable Flight flight;
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private @Nullable Receiver receiver;
  private long lastSign;
  private boolean firstUse;
  private boolean paused;
  private boolean listening;
  private boolean over;

  /**
   * Creates the attempt.
   *
   * @param number 1 for the call's first
   */
  Attempt(EventLoop loop, Call call, Origin origin, int number) {
    this.loop = loop;
    this.call = call;
    this.origin = origin;
    this.number = number;
    this.begun = loop.now();
    this.lastSign = begun;
    this.deadline = System.currentTimeMillis() + loop.shared().config().attemptMillis();
  }

  Origin origin() {
    return origin;
  }

  int number() {
    return number;
  }

  /** The instant after which it may have no effect any more, in milliseconds since 1970. */
  long deadline() {
    return deadline;
  }

  /** How long ago it began, in milliseconds. */
  long age() {
    return loop.now() - begun;
  }

  /** Whether the origin had begun to answer as one does that is at work. */
  boolean atWork() {
    return receiver != null;
  }

  /** Whether it was made on a kept connection, and not a byte came: it may just have been stale. */
  boolean onStaleConnection() {
    return request != null && !firstUse && response == null;
  }

  /** Whether its process has been replaced: what became of it says nothing of the origin. */
  boolean ofReplaced() {
    return flight != null && flight.replaced();
  }

  /** From here on silence is no failure: the response lasts until something happens. */
  void listens() {
    listening = true;
  }

  /**
   * Begins it.
   *
   * @param anew on a new connection, and no kept one
   */
  void start(Upstream upstream, boolean anew) {
    loop.watch(this);
    Flight begun =
        loop.shared().origins().inFlight(origin, () -> fail(Failure.HEARTBEAT_LOST, "no tick"));
    flight = begun;
    if (over) {
      begun.over();
      return;
    }
    (anew
            ? upstream.requestAnew(origin, call.method(), call.uri())
            : upstream.request(origin, call.method(), call.uri()))
        .onComplete(this::connected, error -> fail(Failure.REFUSED, reason(error)));
  }

  private void connected(HttpClientRequest connection) {
    if (over) {
      connection.reset();
      return;
    }
    request = connection;
    firstUse = loop.firstUse(connection.connection());
    lastSign = loop.now();
    call.putHeaders(connection.headers(), this);
    connection.response().onComplete(this::responded, error -> fail(Failure.RESET, reason(error)));
    Buffer body = call.body();
    if (body.length() <= PIECE_BYTES) {
      connection.end(body);
    } else {
      connection.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
      send(connection, body, 0);
    }
  }

  // Piece by piece, so that an origin that takes in a large body slowly is not taken for silent.
  private void send(HttpClientRequest to, Buffer body, int from) {
    int end = Math.min(from + PIECE_BYTES, body.length());
    to.write(body.slice(from, end))
        .onSuccess(
            sent -> {
              lastSign = loop.now();
              if (end == body.length()) {
                to.end();
              } else if (!over) {
                send(to, body, end);
              }
            });
  }

  private void responded(HttpClientResponse head) {
    head.exceptionHandler(error -> fail(Failure.RESET, reason(error)));
    if (over) {
      return;
    }
    lastSign = loop.now();
    response = head;
    if ((head.statusCode() >= SERVER_ERRORS || isNotRun(head)) && !call.takesAnyStatus()) {
      Failure failure = isNotRun(head) ? Failure.NOT_RUN : Failure.SERVER_ERROR;
      fail(failure, "status " + head.statusCode());
      return;
    }
    receiver = call.receiver(this, head);
    head.endHandler(ended -> whole());
    head.handler(this::take);
  }

  /** It has no room, or knows another gateway secret, as for a moment while one is rotated. */
  private static boolean isNotRun(HttpClientResponse head) {
    return (head.statusCode() == UNAVAILABLE || head.statusCode() == FORBIDDEN)
        && head.getHeader(NOT_RUN) != null;
  }

  private void take(Buffer piece) {
    lastSign = loop.now();
    if (!over && receiver != null) {
      receiver.take(piece);
    }
  }

  private void whole() {
    if (over || receiver == null) {
      return;
    }
    if (receiver.whole()) {
      leave();
      if (!ofReplaced()) {
        loop.shared().origins().succeeded(origin);
      }
      call.finish();
    } else {
      fail(Failure.RESET, "the stream ended without a response");
    }
  }

  /** Whether the origin is at work on something that ends by itself, with nobody waiting. */
  boolean goesOnAlone() {
    return request != null && !listening;
  }

  /** From here on the response goes to another receiver, if it has begun. */
  void handTo(Receiver other) {
    if (receiver != null) {
      receiver.dropped();
      receiver = other;
      resume();
    }
  }

  /** Stops to read: the client cannot take more. */
  void pause() {
    if (response != null && !over) {
      paused = true;
      response.pause();
    }
  }

  /** Reads on. */
  void resume() {
    if (response != null && paused) {
      paused = false;
      lastSign = loop.now();
      response.resume();
    }
  }

  @Override
  public void check(long now) {
    long silence = now - lastSign;
    if (request == null) {
      if (silence > loop.shared().config().connectTimeoutMillis()) {
        fail(Failure.REFUSED, "no connection in time");
      }
    } else if (!listening || response == null) {
      if (!paused && silence > loop.shared().config().idleTimeoutMillis()) {
        fail(Failure.SILENT, "no byte in " + silence + " ms");
      } else if (System.currentTimeMillis() > deadline) {
        cancel();
        call.expired();
      }
    }
  }

  private void fail(Failure failure, String detail) {
    if (!over) {
      cancel();
      call.failed(this, failure, detail);
    }
  }

  /** Ends it, and the connection that it has used. */
  void cancel() {
    if (over) {
      return;
    }
    leave();
    if (receiver != null) {
      receiver.dropped();
    }
    if (request != null) {
      request.reset();
    }
  }

  private void leave() {
    over = true;
    loop.unwatch(this);
    if (flight != null) {
      flight.over();
    }
  }

  private static String reason(Throwable error) {
    return String.valueOf(error.getMessage());
  }
}
