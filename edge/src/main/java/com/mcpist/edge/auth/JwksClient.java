package com.mcpist.edge.auth;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Asks an issuer for its keys: no redirect is followed, and a certificate is verified. */
final class JwksClient implements Fetch {
  private static final int TIMEOUT_MILLIS = 3_000;
  private static final int MAX_BYTES = 256 * 1024;

  private final Vertx vertx;
  private final HttpClient client;
  private final URI uri;

  JwksClient(Vertx vertx, URI uri) {
    this.vertx = vertx;
    this.client =
        vertx
            .httpClientBuilder()
            .with(new HttpClientOptions().setConnectTimeout(TIMEOUT_MILLIS))
            // Without a handler a connection that breaks while it idles is logged as an error.
            .withConnectHandler(connection -> connection.exceptionHandler(broken -> {}))
            .build();
    this.uri = uri;
  }

  /** From any thread, as at the start, when no loop asks yet. */
  @Override
  public Future<String> get() {
    Promise<String> answer = Promise.promise();
    // An answer may be there, and over, before a thread that is no loop gets to say who reads it.
    vertx.getOrCreateContext().runOnContext(_ -> ask().onComplete(answer));
    return answer.future();
  }

  private Future<String> ask() {
    AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(uri.toString())
            .putHeader("Accept", "application/jwk-set+json, application/json");
    return client
        .request(options)
        .compose(
            request -> {
              sent.set(request);
              request.exceptionHandler(broken -> {}); // The result has it already.
              return request.send();
            })
        .compose(JwksClient::body)
        .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .onFailure(
            failure -> {
              HttpClientRequest request = sent.get();
              if (request != null) {
                var _ = request.reset();
              }
            });
  }

  private static Future<String> body(HttpClientResponse response) {
    Promise<String> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    response.exceptionHandler(whole::tryFail);
    if (response.statusCode() != 200) {
      return Future.failedFuture("status " + response.statusCode());
    }
    response.handler(
        piece -> {
          if (body.length() + piece.length() > MAX_BYTES) {
            whole.tryFail("more than " + MAX_BYTES + " bytes");
          } else {
            body.appendBuffer(piece);
          }
        });
    response.endHandler(ended -> whole.tryComplete(body.toString()));
    return whole.future();
  }
}
