package com.mcpist.edge.monitor;

import com.mcpist.edge.proxy.Origin;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks an origin's health endpoint. */
final class HealthProbe {
  private static final int MAX_BODY_BYTES = 64 * 1024;

  private final HttpClient client;
  private final MonitorSettings settings;
  private final Supplier<String> gatewaySecret;

  HealthProbe(HttpClient client, MonitorSettings settings, Supplier<String> gatewaySecret) {
    this.client = client;
    this.settings = settings;
    this.gatewaySecret = gatewaySecret;
  }

  /**
   * What a probe found.
   *
   * @param failure null: the origin is well
   * @param release as the origin tells it
   */
  record Result(@Nullable String failure, @Nullable String release) {}

  /** An answer that is not the expected one. */
  private static final class Unexpected extends RuntimeException {
    Unexpected(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Asks once, and again at once after a timeout.
   *
   * @param retries how often again
   * @return never fails
   */
  Future<Result> ask(Origin origin, int retries) {
    return once(origin)
        .recover(
            failure -> {
              if (retries > 0 && Failures.isTimeout(failure)) {
                return ask(origin, retries - 1);
              }
              return Future.succeededFuture(new Result(reason(failure), null));
            });
  }

  private Future<Result> once(Origin origin) {
    AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(origin.url().resolve(settings.path()).toString())
            .putHeader("Accept", "application/json")
            .putHeader("X-Gateway-Secret", gatewaySecret.get());
    return client
        .request(options)
        .compose(
            request -> {
              sent.set(request);
              request.exceptionHandler(_ -> {}); // the result has it already
              return request.send();
            })
        .compose(this::body)
        .map(this::judge)
        .timeout(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(
            _ -> {
              HttpClientRequest request = sent.get();
              if (request != null) {
                var _ = request.reset();
              }
            });
  }

  private Future<Buffer> body(HttpClientResponse response) {
    Promise<Buffer> whole = Promise.promise();
    response.exceptionHandler(whole::tryFail);
    if (response.statusCode() != settings.expectedCode()) {
      return Future.failedFuture(new Unexpected("code " + response.statusCode()));
    }
    Buffer body = Buffer.buffer();
    response
        .handler(
            chunk -> {
              if (body.length() + chunk.length() > MAX_BODY_BYTES) {
                whole.tryFail(new Unexpected("a body of more than " + MAX_BODY_BYTES + " bytes"));
              } else {
                body.appendBuffer(chunk);
              }
            })
        .endHandler(_ -> whole.tryComplete(body));
    return whole.future();
  }

  private Result judge(Buffer body) {
    String text = body.toString();
    if (!text.contains(settings.expectedBody())) {
      throw new Unexpected("a body without " + settings.expectedBody());
    }
    return new Result(null, release(text));
  }

  private static @Nullable String release(String body) {
    try {
      JsonNode release = JsonMapper.shared().readTree(body).path("release");
      return release.isString() ? release.asString() : null;
    } catch (JacksonException _) {
      return null; // not one of MCPist's own, yet well by the words it was asked for
    }
  }

  private String reason(Throwable failure) {
    String what =
        failure instanceof Unexpected unexpected
            ? unexpected.getMessage()
            : Failures.describe(failure);
    return settings.path() + ": " + what;
  }
}
