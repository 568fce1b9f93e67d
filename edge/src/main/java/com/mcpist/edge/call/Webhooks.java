package com.mcpist.edge.call;

import com.mcpist.edge.gate.Route;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.Origins.InFlight;
import com.mcpist.edge.status.Page;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.edge.wire.OwnRequest;
import com.mcpist.edge.wire.OwnRequest.Answer;
import com.mcpist.edge.wire.OwnRequest.UnexpectedException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Passes events of Stripe on to an origin, byte by byte, and to another origin if the first does
 * not take the event. Each event has its effect once, by its id in the database. The futures
 * returned here never fail, and may complete on another event loop.
 */
public final class Webhooks {
  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  /** The time that an origin has to answer. The origin asks Stripe in that time. */
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  /**
   * The largest number of events at once at an origin. Others wait for their turn, each with its
   * body counted in the budget.
   */
  private static final int AT_ONCE = 16;

  private static final long TURN_MILLIS = 3_000;

  /** The header on an origin's own answer to an event. */
  private static final String OUTCOME = "X-Event-Outcome";

  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
  private static final Map<String, String> LATER =
      Map.of("Content-Type", "application/json", "Retry-After", "1");
  private static final Page NOBODY =
      new Page(
          503, LATER, "{\"code\":\"unavailable\",\"message\":\"No origin takes the event now.\"}");

  private final Origins origins;
  private final Supplier<String> gatewaySecret;
  private final Addresses addresses;
  private final HttpClient client;
  private final OwnRequest request = new OwnRequest(MAX_ANSWER_BYTES, TIMEOUT);

  /** Creates the webhooks of an edge. {@code gatewaySecret} gives the value of X-Gateway-Secret. */
  public Webhooks(
      Vertx vertx, Origins origins, Supplier<String> gatewaySecret, Addresses addresses) {
    this.origins = origins;
    this.gatewaySecret = gatewaySecret;
    this.addresses = addresses;
    this.client = OwnRequest.client(vertx, new PoolOptions().setHttp1MaxSize(AT_ONCE));
  }

  Future<Page> pass(MultiMap headers, Buffer body) {
    return pass(headers, body, new HashSet<>(), NOBODY);
  }

  /**
   * Passes an event on to an origin that was not tried. {@code none} is the answer if no other
   * origin takes the event.
   */
  private Future<Page> pass(MultiMap headers, Buffer body, Set<String> tried, Page none) {
    Optional<Origin> origin = origins.anyKeeper(tried);
    if (origin.isEmpty()) {
      return Future.succeededFuture(none);
    }
    tried.add(origin.get().name());
    return ask(origin.get(), headers, body)
        .compose(
            answer -> {
              int status = answer.head().statusCode();
              // An answer without the header does not count: a platform gave it in an origin's
              // place, or the origin sells nothing yet.
              if (answer.head().getHeader(OUTCOME) == null) {
                return pass(headers, body, tried, none);
              }
              // Stripe shows this answer to people who look there for why the last origin did not
              // take the event.
              return status >= 500
                  ? pass(headers, body, tried, new Page(503, LATER, answer.body()))
                  : Future.succeededFuture(new Page(status, JSON, answer.body()));
            },
            _ -> pass(headers, body, tried, none));
  }

  private Future<Answer> ask(Origin origin, MultiMap headers, Buffer body) {
    RequestOptions post =
        addresses
            .request(origin.url())
            .setMethod(HttpMethod.POST)
            .setURI(Route.WEBHOOK_PATH)
            .setConnectTimeout(TURN_MILLIS)
            .putHeader("Content-Type", "application/json")
            .putHeader("X-Gateway-Secret", gatewaySecret.get());
    for (String signature : headers.getAll("Stripe-Signature")) {
      post.addHeader("Stripe-Signature", signature);
    }
    Promise<Answer> answered = Promise.promise();
    InFlight inFlight =
        origins.inFlight(origin, () -> answered.tryFail(new UnexpectedException("no heartbeat")));
    return request.ask(client, post, body, answered).onComplete(_ -> inFlight.over());
  }
}
