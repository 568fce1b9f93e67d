package com.mcpist.edge.call;

import com.mcpist.edge.call.Attempt.Outcome;
import com.mcpist.edge.gate.Route;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.Payload;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's request, through as many attempts as it takes until its client has an answer. Used
 * on one event loop only.
 */
final class Call implements Attempt.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  /** What all calls of one event loop are made with. */
  record Means(
      Vertx vertx,
      Attempt.Means attempts,
      ToolCatalog catalog,
      HeldBody.Budget budget,
      CallCounts.Counter counter) {}

  /** What it waits for. */
  private sealed interface State {
    /** For an origin that it may be sent to, or for the list of tools, which says if it may. */
    record Pausing() implements State {}

    /** For an origin's answer. */
    record Attempting(Attempt attempt) implements State {}

    /** For an origin to end its work; the client has gone. */
    record Abandoned() implements State {}

    /** For nothing. */
    record Over() implements State {}
  }

  /** How it ends. */
  private enum End {
    /** Its client has the whole answer of an origin. */
    ANSWERED,
    /** Its client has a stream that has told all that it could. */
    TOLD,
    /** Its client gets an error instead of an answer, or of the rest of one. */
    GIVEN_UP,
    /** Its client has the beginning of an answer, and sees that there is no more. */
    BROKEN_OFF,
    /** Its client has gone. */
    LEFT
  }

  private final Means means;
  private final Client client;
  private final Route route;
  private final CallHeaders headers;
  private final HeldBody body;
  private final Search search;
  private State state = new State.Pausing();
  private @Nullable EventStream stream;
  private @Nullable Payload payload;
  private boolean mayHaveRun;

  Call(Means means, Client client, Route route, CallHeaders headers, HeldBody body) {
    this.means = means;
    this.client = client;
    this.route = route;
    this.headers = headers;
    this.body = body;
    this.search = new Search(route == Route.HEALTH ? 0 : config().waitMillis(), now());
  }

  void start() {
    client.onGone(this::clientGone);
    if (config().safeReplayOnly()) {
      means.catalog().refresh();
    }
    if (client.gone()) {
      clientGone();
    } else {
      send();
    }
  }

  /** Sends it to the next origin, pauses, or gives up. */
  private void send() {
    if (!(state instanceof State.Pausing)) {
      return; // The client went meanwhile.
    }
    Origins origins = means.attempts().origins();
    switch (search.next(origins.choose(search.tried()), origins.inOrder(), now())) {
      case Search.Step.Send to -> {
        Attempt attempt = new Attempt(means.attempts(), outgoing(), to, this);
        state = new State.Attempting(attempt);
        attempt.start();
      }
      case Search.Step.Pause(long atLeast, long atMost) -> {
        Promise<Void> healthy = Promise.promise();
        origins.awaitHealthy(Duration.ofMillis(Math.max(1, atMost)), healthy::complete);
        var least = means.vertx().timer(Math.max(1, atLeast), TimeUnit.MILLISECONDS);
        Future.join(least, healthy.future()).onComplete(_ -> send());
      }
      case Search.Step.GiveUp() -> end(End.GIVEN_UP);
    }
  }

  private Attempt.Outgoing outgoing() {
    boolean health = route == Route.HEALTH;
    String uri = health ? Route.HEALTH_PATH : client.request().uri();
    return new Attempt.Outgoing(method(), uri, headers, body.bytes(), health);
  }

  @Override
  public Attempt.Receiver receiver(Attempt from, HttpClientResponse response) {
    if (state instanceof State.Abandoned) {
      return Attempt.Receiver.NOBODY;
    }
    client.onRoom(from::resume);
    Client.Head head = new Client.Head(response, from.origin(), search.attempts());
    if (!EventStream.is(response)) {
      return new HeldAnswer(client, stream, head, means.budget());
    }
    boolean listens = method().equals(HttpMethod.GET) || payload().has("subscriptions/listen");
    EventStream events = stream;
    if (events == null) {
      events = new EventStream(client, listens ? Payload.UNREADABLE : payload(), listens);
      stream = events;
      client.begin(head);
    }
    if (listens) {
      // It is not sent again: for as long as it lasts nothing of its body is held.
      body.letGo();
      payload = null;
    }
    return events.events(head);
  }

  @Override
  public void ended(Outcome outcome) {
    switch (state) {
      case State.Attempting(Attempt attempt) -> {
        state = new State.Pausing();
        switch (outcome) {
          case Outcome.Answered() -> end(End.ANSWERED);
          case Outcome.Hopeless() -> {
            mayHaveRun = true;
            end(endHere());
          }
          case Outcome.Failed failed -> failed(attempt, failed);
        }
      }
      case State.Abandoned() -> end(End.LEFT);
      case State.Pausing(), State.Over() -> {}
    }
  }

  private void failed(Attempt attempt, Outcome.Failed failed) {
    LOG.debug(
        "Call {} at {}: {}, {}",
        headers.callId(),
        attempt.origin().name(),
        failed.failure(),
        failed.detail());
    mayHaveRun |= failed.mayHaveRun();
    search.failed(attempt.origin(), failed.failure());
    if (failed.atWork()) {
      search.cutShort(attempt.age(), now());
    }
    End here = endHere();
    if (here != End.GIVEN_UP) {
      end(here);
    } else if (mayHaveRun && config().safeReplayOnly()) {
      means.catalog().readOnly().onSuccess(this::sendIfItReads);
    } else {
      send();
    }
  }

  /** How it ends if there is no further attempt. */
  private End endHere() {
    if (stream == null) {
      return client.hasBegun() ? End.BROKEN_OFF : End.GIVEN_UP;
    }
    return stream.mayBreakOff() ? End.TOLD : End.GIVEN_UP;
  }

  private void sendIfItReads(Set<String> readOnlyTools) {
    if (ToolCatalog.onlyReads(method(), payload(), readOnlyTools)) {
      send();
    } else if (state instanceof State.Pausing) {
      end(End.GIVEN_UP);
    }
  }

  private void clientGone() {
    switch (state) {
      case State.Attempting(Attempt attempt) -> {
        if (headers.closingCancels() || !attempt.goesOnAlone()) {
          attempt.cancel();
          end(End.LEFT);
        } else {
          state = new State.Abandoned();
          attempt.goOnAlone();
        }
      }
      case State.Pausing() -> end(End.LEFT);
      case State.Abandoned(), State.Over() -> {}
    }
  }

  private void end(End end) {
    state = new State.Over();
    switch (end) {
      case ANSWERED, LEFT -> {}
      case TOLD -> client.end();
      case BROKEN_OFF -> client.abort();
      case GIVEN_UP -> sendError();
    }
    body.letGo();
    if (route != Route.HEALTH && end != End.LEFT) {
      boolean failed = end == End.GIVEN_UP || end == End.BROKEN_OFF;
      means.counter().answered(failed, search.attempts());
    }
  }

  private void sendError() {
    boolean noEffect = !mayHaveRun || ToolCatalog.onlyReads(method(), payload(), Set.of());
    CallError error =
        noEffect
            ? CallError.noOrigin(headers.callId(), headers.key())
            : CallError.outcomeUnknown(headers.callId(), headers.key());
    LOG.warn("Call {}: {} after {} attempts", error.callId(), error.code(), search.attempts());
    if (stream != null) {
      stream.end(error);
    } else if (route == Route.HEALTH) {
      client.unhealthy();
    } else {
      client.error(error, payload(), search.attempts(), noEffect || headers.hasOwnKey());
    }
  }

  private HttpMethod method() {
    return client.request().method();
  }

  /** The messages in the body; read when first asked for, which for most calls is never. */
  private Payload payload() {
    Payload read = payload;
    if (read == null) {
      read = Payload.read(body.bytes().getBytes());
      payload = read;
    }
    return read;
  }

  private ProxyConfig config() {
    return means.attempts().config();
  }

  private long now() {
    return means.attempts().time().now();
  }
}
