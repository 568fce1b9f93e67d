package com.mcpist.edge.wire;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A request that the edge makes for itself, with its limits on bytes and time. */
public record OwnRequest(int maxBytes, Duration timeout) {
  private static final int CONNECT_MILLIS = 1_000;

  public record Answer(HttpClientResponse head, String body) {}

  /** Thrown when an answer is not the expected one. The message says what the answer is. */
  public static final class UnexpectedException extends RuntimeException {
    public UnexpectedException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Returns a client that keeps no connection, since a connection to a process that has gone would
   * be a false failure.
   */
  public static HttpClient client(Vertx vertx) {
    return client(vertx, new PoolOptions());
  }

  /** Returns such a client with this number of connections at once. */
  public static HttpClient client(Vertx vertx, PoolOptions pool) {
    return vertx
        .httpClientBuilder()
        .with(new HttpClientOptions().setKeepAlive(false).setConnectTimeout(CONNECT_MILLIS))
        .with(pool)
        // A failure without a handler would be logged as an error. The request tells of it.
        .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
        .build();
  }

  /** Returns the answer, whatever its status. A request that fails or takes too long is ended. */
  public Future<Answer> ask(HttpClient client, RequestOptions options, Buffer sentBody) {
    return ask(client, options, sentBody, Promise.promise());
  }

  /**
   * Asks, and completes {@code answered}. If somebody else fails {@code answered}, the request is
   * ended, and nothing of it is kept.
   */
  public Future<Answer> ask(
      HttpClient client, RequestOptions options, Buffer sentBody, Promise<Answer> answered) {
    AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
    client
        .request(options)
        .compose(
            request -> {
              sent.set(request);
              // The result reports the failure already.
              request.exceptionHandler(_ -> {});
              if (answered.future().isComplete()) {
                var _ = request.reset();
                return Future.failedFuture(new UnexpectedException("nobody waits for it"));
              }
              return sentBody.length() == 0 ? request.send() : request.send(sentBody);
            })
        .compose(head -> body(head, maxBytes).map(body -> new Answer(head, body.toString())))
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(answered::tryComplete)
        .onFailure(answered::tryFail);
    return answered
        .future()
        .onFailure(
            _ -> {
              HttpClientRequest request = sent.get();
              if (request != null) {
                var _ = request.reset();
              }
            });
  }

  /**
   * Reads a response's body. The future fails if the body is longer than {@code maxBytes}, or
   * breaks off.
   */
  public static Future<Buffer> body(HttpClientResponse response, int maxBytes) {
    Promise<Buffer> whole = Promise.promise();
    response.exceptionHandler(whole::tryFail);
    Buffer body = Buffer.buffer();
    response
        .handler(
            piece -> {
              if (body.length() + piece.length() > maxBytes) {
                String much = "a body of more than " + maxBytes + " bytes";
                whole.tryFail(new UnexpectedException(much));
              } else {
                body.appendBuffer(piece);
              }
            })
        .endHandler(_ -> whole.tryComplete(body));
    return whole.future();
  }
}
