package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.wire.BoundedGet;
import com.mcpist.edge.wire.BoundedGet.UnexpectedException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.RequestOptions;
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
  private final BoundedGet get;

  HealthProbe(HttpClient client, MonitorSettings settings, Supplier<String> gatewaySecret) {
    this.client = client;
    this.settings = settings;
    this.gatewaySecret = gatewaySecret;
    this.get = new BoundedGet(settings.expectedCode(), MAX_BODY_BYTES, settings.timeout());
  }

  /**
   * What a probe found.
   *
   * @param failure null: the origin is well
   * @param release as the origin tells it
   */
  record Result(@Nullable String failure, @Nullable String release) {}

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
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(origin.url().resolve(settings.path()).toString())
            .putHeader("Accept", "application/json")
            .putHeader("X-Gateway-Secret", gatewaySecret.get());
    return get.ask(client, options).map(this::judge);
  }

  private Result judge(String body) {
    if (!body.contains(settings.expectedBody())) {
      throw new UnexpectedException("a body without " + settings.expectedBody());
    }
    return new Result(null, release(body));
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
        failure instanceof UnexpectedException unexpected
            ? unexpected.getMessage()
            : Failures.describe(failure);
    return settings.path() + ": " + what;
  }
}
