package com.mcpist.edge.wire;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A GET of the edge's own: the status that it expects, and what it takes of bytes and time. */
public record BoundedGet(int status, int maxBytes, Duration timeout) {
  /** An answer that is not the expected one; the message says what it is. */
  public static final class UnexpectedException extends RuntimeException {
    public UnexpectedException(String message) {
      super(message, null, false, false);
    }
  }

  /** The body as text; a request that fails or takes too long is ended. */
  public Future<String> ask(HttpClient client, RequestOptions options) {
    AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
    return client
        .request(options)
        .compose(
            request -> {
              sent.set(request);
              request.exceptionHandler(_ -> {}); // The result has it already.
              return request.send();
            })
        .compose(this::body)
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(
            _ -> {
              HttpClientRequest request = sent.get();
              if (request != null) {
                var _ = request.reset();
              }
            });
  }

  private Future<String> body(HttpClientResponse response) {
    response.exceptionHandler(_ -> {});
    return response.statusCode() == status
        ? body(response, maxBytes).map(Buffer::toString)
        : Future.failedFuture(new UnexpectedException("code " + response.statusCode()));
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
