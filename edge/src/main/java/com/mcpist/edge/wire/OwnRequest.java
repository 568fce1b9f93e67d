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

/** A request of the edge's own: what it takes of bytes and time. */
public record OwnRequest(int maxBytes, Duration timeout) {
  private static final int CONNECT_MILLIS = 1_000;

  public record Answer(HttpClientResponse head, String body) {}

  /** An answer that is not the expected one; the message says what it is. */
  public static final class UnexpectedException extends RuntimeException {
    public UnexpectedException(String message) {
      super(message, null, false, false);
    }
  }

  /** It keeps no connection: one to a process that has gone would be a false failure. */
  public static HttpClient client(Vertx vertx) {
    return client(vertx, new PoolOptions());
  }

  /** The same, with so many at once. */
  public static HttpClient client(Vertx vertx, PoolOptions pool) {
    return vertx
        .httpClientBuilder()
        .with(new HttpClientOptions().setKeepAlive(false).setConnectTimeout(CONNECT_MILLIS))
        .with(pool)
        // Without a handler each that breaks would be logged as an error; its request tells.
        .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
        .build();
  }

  /** The answer, whatever its status; a request that fails or takes too long is ended. */
  public Future<Answer> ask(HttpClient client, RequestOptions options, Buffer sentBody) {
    return ask(client, options, sentBody, Promise.promise());
  }

  /** The same. Whoever fails {@code answered} ends the request: then nothing of it is kept. */
  public Future<Answer> ask(
      HttpClient client, RequestOptions options, Buffer sentBody, Promise<Answer> answered) {
    AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
    client
        .request(options)
        .compose(
            request -> {
              sent.set(request);
              request.exceptionHandler(_ -> {}); // The result has it already.
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

  /** Reads a response's body; fails where it is longer, or breaks off. */
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
