package com.mcpist.edge.proxy;

import com.mcpist.edge.proxy.rpc.CallError;
import com.mcpist.edge.proxy.rpc.Payload;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/** The one who asked, and what it has been sent. */
final class Client {
  private static final String JSON = "application/json";
  private static final CharSequence SERVED_BY = HttpHeaders.createOptimized("X-Served-By");
  private static final CharSequence ATTEMPTS = HttpHeaders.createOptimized("X-Attempts");
  private static final CharSequence CLOSE = HttpHeaders.createOptimized("close");
  private static final String RETRY_SECONDS = "1";
  private static final int UNAUTHORIZED = 401;

  private final EventLoop loop;
  private final ClientConnection connection;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private boolean gone;
  private boolean closes;
  private @Nullable Runnable onGone;

  Client(EventLoop loop, ClientConnection connection, HttpServerRequest request) {
    this.loop = loop;
    this.connection = connection;
    this.request = request;
    this.response = request.response();
    response.closeHandler(closed -> leave());
    response.exceptionHandler(broken -> leave());
  }

  private void leave() {
    if (!gone && !response.ended()) {
      gone = true;
      if (onGone != null) {
        onGone.run();
      }
    }
  }

  HttpServerRequest request() {
    return request;
  }

  /** Whether its connection was closed before its response was whole. */
  boolean gone() {
    return gone;
  }

  /** What to do when it goes. */
  void onGone(Runnable task) {
    onGone = task;
  }

  /** Sends an origin's whole answer; completes when the client has been sent all of it. */
  Future<Void> answer(int status, MultiMap headers, Buffer body, Origin origin, int attempts) {
    head(status, headers, origin, attempts);
    return end(body);
  }

  /** Sends an origin's head; the body follows piece by piece. */
  void begin(int status, MultiMap headers, Origin origin, int attempts) {
    head(status, headers, origin, attempts);
    sayIfItCloses();
    response.setChunked(true);
    response.writeHead();
  }

  private void head(int status, MultiMap headers, Origin origin, int attempts) {
    response.setStatusCode(status);
    HeaderHygiene.toClient(headers, response.headers());
    if (status == UNAUTHORIZED) {
      // Only the edge knows by which name the server is known.
      loop.shared().gate().challengeOfOrigin().ifPresent(this::challenge);
    }
    response.putHeader(SERVED_BY, origin.name());
    response.putHeader(ATTEMPTS, Integer.toString(attempts));
  }

  private void challenge(String value) {
    response.putHeader("WWW-Authenticate", value);
  }

  /**
   * Sends a piece of the body.
   *
   * @param ready runs when the client has made room, if it has none now
   * @return whether the next piece should wait for that
   */
  boolean write(Buffer piece, Runnable ready) {
    if (gone) {
      return false;
    }
    response.write(piece);
    if (!response.writeQueueFull()) {
      return false;
    }
    connection.writing();
    response.drainHandler(
        drained -> {
          connection.written();
          ready.run();
        });
    return true;
  }

  /** Ends a body sent piece by piece. */
  void end() {
    end(Buffer.buffer());
  }

  private Future<Void> end(Buffer last) {
    if (gone) {
      return Future.succeededFuture();
    }
    if (!response.headWritten()) {
      sayIfItCloses();
    }
    connection.writing();
    return response
        .end(last)
        .andThen(
            sent -> {
              connection.responseEnded();
              if (closes) {
                connection.close();
              }
            });
  }

  /**
   * A client that is not told sends its next request on this connection, so only one that is told
   * finds it closed. One whose head was sent before is told with its next response.
   */
  private void sayIfItCloses() {
    if (loop.shared().draining().get()) {
      closes = true;
      response.putHeader(HttpHeaders.CONNECTION, CLOSE);
    }
  }

  /** Breaks off a body that cannot be made whole, so that the client sees that it is not. */
  void abort() {
    connection.close();
  }

  /** Sends the edge's own answer instead of an origin's. */
  void error(CallError error, Payload payload, int attempts, boolean retry) {
    response.setStatusCode(503);
    response.putHeader(ATTEMPTS, Integer.toString(attempts));
    if (retry) {
      response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    json(error.answer(payload));
  }

  /** Says that no origin is healthy. */
  void unhealthy() {
    response.setStatusCode(503);
    json("{\"status\":\"unhealthy\"}");
  }

  /** Sends the protected resource's metadata, which pages of any site may read. */
  void metadata(String json) {
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, "max-age=3600")
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    json(json);
  }

  /** Turns the request away, and the connection too where it cannot go on. */
  void reject(Refusal refusal, Route route, boolean bodyLeft) {
    Rejection rejection = refusal.rejection();
    String id = loop.newCallId();
    response.setStatusCode(rejection.status());
    refusal.headers().forEach(response::putHeader);
    if (rejection == Rejection.WRONG_METHOD) {
      response.putHeader(HttpHeaders.ALLOW, Route.allowed(request.uri()));
    }
    boolean broken = bodyLeft || rejection.closes();
    if (broken) {
      response.putHeader(HttpHeaders.CONNECTION, CLOSE);
      connection.endsWithThis();
    }
    Future<Void> sent = json(Rejections.body(rejection, route, id));
    if (broken) {
      sent.onComplete(done -> connection.close());
    }
  }

  private Future<Void> json(String body) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    SecurityHeaders.put(response.headers());
    return end(Buffer.buffer(body));
  }
}
