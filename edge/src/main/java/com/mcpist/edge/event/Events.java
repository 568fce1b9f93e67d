package com.mcpist.edge.event;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.wire.Addresses;
import com.mcpist.edge.wire.OwnRequest;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells origins of events, one event at a time on one event loop's context, until an origin has
 * each in its database. Only an origin that keeps a ledger is one of MCPist's, and is told.
 */
public final class Events {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);
  private static final long PAUSE_MILLIS = 1_000;
  private static final int MAX_BODY_BYTES = 64 * 1024;

  /** The time for one request, since an origin may wait so long for its database. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** The time in milliseconds for the events that are left when the edge stops. */
  private static final long LAST_MILLIS = 300;

  private final Vertx vertx;
  private final Context context;
  private final Origins origins;
  private final Supplier<String> gatewaySecret;
  private final Addresses addresses;
  private final HttpClient client;
  private final OwnRequest request = new OwnRequest(MAX_BODY_BYTES, TIMEOUT);
  private final EventBuffer buffer = new EventBuffer();
  private final Set<String> tried = new HashSet<>();
  private final Promise<Void> closed = Promise.promise();
  private boolean telling;
  private boolean closing;

  public Events(Vertx vertx, Origins origins, Supplier<String> gatewaySecret, Addresses addresses) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.origins = origins;
    this.gatewaySecret = gatewaySecret;
    this.addresses = addresses;
    this.client = OwnRequest.client(vertx);
  }

  /** Adds an event. May be called from any thread; does not block. */
  public void add(Event event) {
    buffer.add(event);
    context.runOnContext(_ -> tell());
  }

  private void tell() {
    Optional<Event> next = buffer.next();
    if (closing && next.isEmpty()) {
      closed.tryComplete();
    }
    if (telling || next.isEmpty() || closed.future().isComplete()) {
      return;
    }
    telling = true;
    Optional<Origin> origin = origins.anyKeeper(tried);
    if (origin.isPresent()) {
      send(origin.get(), next.get())
          .onComplete(
              answered -> context.runOnContext(_ -> told(origin.get(), next.get(), answered)));
    } else {
      tried.clear();
      vertx.timer(PAUSE_MILLIS, TimeUnit.MILLISECONDS).onSuccess(_ -> again());
    }
  }

  private Future<HttpClientResponse> send(Origin origin, Event event) {
    RequestOptions put =
        addresses
            .request(origin.url())
            .setMethod(HttpMethod.PUT)
            .setURI("/events/" + event.id())
            .putHeader("Content-Type", "application/json")
            .putHeader("X-Gateway-Secret", gatewaySecret.get());
    return request.ask(client, put, Buffer.buffer(event.json())).map(answer -> answer.head());
  }

  private void told(Origin origin, Event event, AsyncResult<HttpClientResponse> answered) {
    int status = answered.succeeded() ? answered.result().statusCode() : 503;
    // An answer without X-Ledger comes from something in the origin's place, such as a platform.
    boolean byOrigin = answered.succeeded() && answered.result().headers().contains(Origins.LEDGER);
    // An origin that knows another gateway secret will soon know this one.
    if (!byOrigin || status >= 500 || status == 429 || status == 403) {
      tried.add(origin.name());
    } else {
      tried.clear();
      buffer.told(event);
      if (status >= 300) {
        LOG.warn("{} does not take an event ({}): {}", origin.name(), status, event.message());
      }
    }
    again();
  }

  private void again() {
    telling = false;
    tell();
  }

  /** Ends the telling. The future completes when nothing is left to tell, or after a moment. */
  public Future<Void> close() {
    context.runOnContext(
        _ -> {
          closing = true;
          tell();
          vertx.timer(LAST_MILLIS, TimeUnit.MILLISECONDS).onSuccess(_ -> closed.tryComplete());
        });
    return closed.future().compose(_ -> client.close());
  }
}
