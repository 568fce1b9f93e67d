package com.mcpist.edge.gate.auth;

import com.mcpist.edge.wire.BoundedGet;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

/** Asks an issuer for its keys: no redirect is followed, and a certificate is verified. */
final class JwksClient implements Supplier<Future<String>> {
  private static final int TIMEOUT_MILLIS = 3_000;
  private static final BoundedGet GET =
      new BoundedGet(200, 256 * 1024, Duration.ofMillis(TIMEOUT_MILLIS));

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
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(uri.toString())
            .putHeader("Accept", "application/jwk-set+json, application/json");
    return GET.ask(client, options);
  }
}
