package com.mcpist.edge.call;

import com.mcpist.edge.call.Attempt.Outcome;
import com.mcpist.edge.gate.Route;
import com.mcpist.edge.pool.Failure;
import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.PayloadReader;
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
 * One client's request, through as many attempts as it takes until its client has an answer. {@link
 * #next} says what comes after what, {@link #enter} does it. Used on one event loop only.
 */
final class Call implements Attempt.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  /** What all calls of one event loop are made with. */
  record Means(
      Vertx vertx,
      Attempt.Means attempts,
      ToolCatalog catalog,
      BodyBudget budget,
      CallCounts.Counter counter) {}

  /** What it waits for. */
  private sealed interface State {
    /** For an origin that it may be sent to. */
    record Pausing(Search.Step.Pause pause) implements State {}

    /** For the list of tools: one that may have run is sent again only if it reads. */
    record AskingForTools() implements State {}

    /** For an origin's answer. */
    record Attempting(Attempt attempt) implements State {}

    /** For an origin to end its work; the client has gone. */
    record Abandoned(Attempt attempt) implements State {}

    /** For nothing. */
    record Over(End end) implements State {}
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

  /** What happens to it. */
  private sealed interface Event {
    /** It may be sent to an origin. */
    record MayBeSent() implements Event {}

    /** It must not be sent again. */
    record MustNotBeSent() implements Event {}

    record AttemptEnded(Outcome outcome) implements Event {}

    record ClientGone() implements Event {}
  }

  private final Means means;
  private final Client client;
  private final Route route;
  private final CallHeaders headers;
  private final HeldBody body;
  private final Search search;
  private State state = new State.Pausing(new Search.Step.Pause(0, 0));
  private @Nullable EventStream stream;
  private @Nullable Payload payload;
  private boolean mayHaveRun;

  Call(Means means, Client client, Route route, CallHeaders headers, HeldBody body) {
    this.means = means;
    this.client = client;
    this.route = route;
    this.headers = headers;
    this.body = body;
    long wait = route == Route.HEALTH ? 0 : config().waitMillis();
    this.search = new Search(wait, now());
  }

  void start() {
    client.onGone(() -> on(new Event.ClientGone()));
    if (config().safeReplayOnly()) {
      means.catalog().refresh();
    }
    on(client.gone() ? new Event.ClientGone() : new Event.MayBeSent());
  }

  // By identity: one pause after another, as long as that, is a new state.
  @SuppressWarnings("ReferenceEquality")
  private void on(Event event) {
    State before = state;
    state = next(before, event);
    if (state != before) {
      enter(state, before);
    }
  }

  private State next(State current, Event event) {
    return switch (current) {
      case State.Pausing _, State.AskingForTools _ ->
          switch (event) {
            case Event.MayBeSent() -> search();
            case Event.MustNotBeSent() -> new State.Over(End.GIVEN_UP);
            case Event.ClientGone() -> new State.Over(End.LEFT);
            case Event.AttemptEnded _ -> current;
          };
      case State.Attempting(Attempt attempt) ->
          switch (event) {
            case Event.AttemptEnded(Outcome outcome) -> after(attempt, outcome);
            case Event.ClientGone() ->
                headers.closingCancels() || !attempt.goesOnAlone()
                    ? new State.Over(End.LEFT)
                    : new State.Abandoned(attempt);
            case Event.MayBeSent _, Event.MustNotBeSent _ -> current;
          };
      case State.Abandoned _ ->
          event instanceof Event.AttemptEnded ? new State.Over(End.LEFT) : current;
      case State.Over _ -> current;
    };
  }

  private State search() {
    var origins = means.attempts().origins();
    return switch (search.next(origins.choose(search.tried()), origins.inOrder(), now())) {
      case Search.Step.Send to ->
          new State.Attempting(new Attempt(means.attempts(), outgoing(), to, this));
      case Search.Step.Pause pause -> new State.Pausing(pause);
      case Search.Step.GiveUp() -> new State.Over(End.GIVEN_UP);
    };
  }

  private State after(Attempt attempt, Outcome outcome) {
    learn(attempt, outcome);
    if (outcome instanceof Outcome.Answered) {
      return new State.Over(End.ANSWERED);
    }
    if (stream == null && client.hasBegun()) {
      return new State.Over(End.BROKEN_OFF);
    }
    if (stream != null && stream.mayBreakOff()) {
      return new State.Over(End.TOLD);
    }
    if (outcome instanceof Outcome.Hopeless) {
      return new State.Over(End.GIVEN_UP);
    }
    return mayHaveRun && config().safeReplayOnly() ? new State.AskingForTools() : search();
  }

  /** What an attempt tells of the next ones. */
  private void learn(Attempt attempt, Outcome outcome) {
    switch (outcome) {
      case Outcome.Answered() -> {}
      case Outcome.Hopeless() -> mayHaveRun = true;
      case Outcome.Failed(Failure failure, String detail, boolean ran, boolean atWork) -> {
        String origin = attempt.origin().name();
        LOG.debug("Call {} at {}: {}, {}", headers.callId(), origin, failure, detail);
        mayHaveRun |= ran;
        search.failed(attempt.origin(), failure);
        if (atWork) {
          search.cutShort(attempt.age(), now());
        }
      }
    }
  }

  private void enter(State entered, State before) {
    switch (entered) {
      case State.Pausing(Search.Step.Pause pause) -> pause(pause);
      case State.AskingForTools() -> means.catalog().readOnly().onSuccess(this::judge);
      case State.Attempting(Attempt attempt) -> attempt.start();
      case State.Abandoned(Attempt attempt) -> attempt.goOnAlone();
      case State.Over(End end) -> {
        if (before instanceof State.Attempting(Attempt attempt)) {
          attempt.cancel();
        }
        finish(end);
      }
    }
  }

  private void pause(Search.Step.Pause pause) {
    Promise<Void> healthy = Promise.promise();
    Duration most = Duration.ofMillis(Math.max(1, pause.atMost()));
    means.attempts().origins().awaitHealthy(most, healthy::complete);
    var least = means.vertx().timer(Math.max(1, pause.atLeast()), TimeUnit.MILLISECONDS);
    Future.join(least, healthy.future()).onComplete(_ -> on(new Event.MayBeSent()));
  }

  private void judge(Set<String> readOnlyTools) {
    boolean reads = ReplayPolicy.onlyReads(method(), payload(), readOnlyTools::contains);
    on(reads ? new Event.MayBeSent() : new Event.MustNotBeSent());
  }

  private void finish(End end) {
    switch (end) {
      case ANSWERED, LEFT -> {}
      case TOLD -> client.end();
      case BROKEN_OFF -> client.abort();
      case GIVEN_UP -> giveUp();
    }
    body.letGo();
    if (route != Route.HEALTH && end != End.LEFT) {
      boolean failed = end == End.GIVEN_UP || end == End.BROKEN_OFF;
      means.counter().answered(failed, search.attempts());
    }
  }

  private void giveUp() {
    boolean noEffect = !mayHaveRun || ReplayPolicy.onlyReads(method(), payload(), tool -> false);
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

  @Override
  public void ended(Outcome outcome) {
    on(new Event.AttemptEnded(outcome));
  }

  @Override
  public Receiver receiver(Attempt from, HttpClientResponse response) {
    if (state instanceof State.Abandoned) {
      return Receiver.NOBODY;
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

  private Outgoing outgoing() {
    String uri = route == Route.HEALTH ? Route.HEALTH_PATH : client.request().uri();
    return new Outgoing(method(), uri, headers, body.bytes(), route == Route.HEALTH);
  }

  private HttpMethod method() {
    return client.request().method();
  }

  /** The messages in the body; read when first asked for, which for most calls is never. */
  private Payload payload() {
    Payload read = payload;
    if (read == null) {
      read = PayloadReader.read(body.bytes().getBytes());
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
