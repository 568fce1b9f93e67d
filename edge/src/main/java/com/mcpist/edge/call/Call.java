package com.mcpist.edge.call;

import com.mcpist.edge.gate.Route;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.time.TimeLimits;
import com.mcpist.edge.trace.Span;
import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.OwnRequest.UnexpectedException;
import com.mcpist.edge.wire.Payload;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one client's request through as many attempts as it takes until the client has an answer.
 * The call and its attempts share this file so that the code reads in the order in which a call
 * happens. Used on one event loop only.
 */
final class Call {
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);
  private static final int PIECE_BYTES = 64 * 1024;

  private static final int TURNS_AFTER_A_STOP = 3;
  private static final int TURN_MILLIS = 5;

  /**
   * The longest time in milliseconds for which the client's error waits until an origin knows of an
   * unknown outcome. Only if an origin knows by then may the error promise that an equal call
   * without a key is not done twice.
   */
  private static final int TELLING_MILLIS = 1_000;

  /** The state of a call, by what the call waits for. */
  private sealed interface State {
    /**
     * The call waits for an origin to which it may be sent, or for the list of tools, which tells
     * whether it may be sent again.
     */
    record Pausing() implements State {}

    record Attempting(Attempt attempt) implements State {}

    /** The client has gone, and the call waits for an origin to end its work. */
    record Abandoned() implements State {}

    record Over() implements State {}
  }

  /** The way in which a call ends for its client. */
  private enum End {
    /** The client has the whole answer of an origin. */
    ANSWERED,
    /**
     * The edge tells the client whether an origin is healthy, since the origin that was asked has
     * no such path.
     */
    HEALTH_TOLD,
    /** The client has an event stream that has told all that it could. */
    TOLD,
    /** The client gets an error instead of an answer, or instead of the rest of an answer. */
    GIVEN_UP,
    /** The client has the beginning of an answer, and sees that the rest does not come. */
    BROKEN_OFF,
    LEFT
  }

  private final Means means;
  private final Client client;
  private final Route route;
  private final CallHeaders headers;
  private final HeldBody body;
  private final Sending sending;
  private final Search search;
  private final CallSession session;
  private final Runnable done;

  /** The attempts whose connection broke. The origin's process may have died under them. */
  private final List<Origins.InFlight> cut = new ArrayList<>();

  private final long begunNanos = System.nanoTime();

  private State state = new State.Pausing();
  private Span span = Span.NONE;
  private @Nullable EventStream stream;
  private @Nullable Payload payload;
  private boolean mayHaveRun;

  /** True if the answer is a stream that lasts, so that nobody waits for its end. */
  private boolean listens;

  /** True if every origin that may have run the call keeps it in a ledger. */
  private boolean kept = true;

  /** True if the call may run twice. */
  private boolean repeatable;

  /**
   * True if the client is not to send the call again, because the call has ended processes before.
   */
  private boolean barred;

  /**
   * True if the call was not sent, because it equals an earlier call that no origin has recorded.
   */
  private boolean held;

  /**
   * Creates a call. {@code done} runs when the call no longer counts as one of its user's calls.
   */
  Call(
      Means means,
      Undelivered undelivered,
      Client client,
      Route route,
      CallHeaders headers,
      HeldBody body,
      Runnable done) {
    this.means = means;
    this.client = client;
    this.route = route;
    this.headers = headers;
    this.body = body;
    this.done = done;
    boolean callsTool = isPost() && means.origins().mayKeepCalls() && headers.mayCallTool();
    this.sending = new Sending(means, undelivered, headers, body, callsTool);
    this.search = new Search(route == Route.HEALTH ? 0 : means.config().waitMillis(), now());
    this.session = new CallSession(means, headers, route == Route.MCP ? headers.session() : null);
  }

  void start() {
    if (isPost()) {
      // Reading a long body here would hold up other users' calls on this loop.
      span =
          means
              .traces()
              .begin(
                  headers.callId(),
                  client.request().headers(),
                  () -> body.isSmall() ? payload() : Payload.UNREADABLE);
    }
    client.onGone(this::clientGone);
    client.onStop(this::stop);
    if (route == Route.MCP && !means.origins().keepCalls()) {
      means.catalog().refresh();
    }
    if (method().equals(HttpMethod.DELETE)) {
      session.end();
    }
    client.carries(sending);
    if (client.gone()) {
      clientGone();
    } else if (isPost()) {
      sending.afterOthers(new Turn());
    } else {
      send();
    }
  }

  private final class Turn implements Sending.Turn {
    @Override
    public void enter() {
      begin();
    }

    @Override
    public void refuse() {
      held = true;
      end(End.GIVEN_UP);
    }
  }

  private boolean isPost() {
    return route == Route.MCP && method().equals(HttpMethod.POST);
  }

  private void begin() {
    if (state instanceof State.Pausing) {
      search.begins(now());
      sending.write();
      send();
    }
  }

  /** Sends the call to the next origin, pauses, or gives up. */
  private void send() {
    if (!(state instanceof State.Pausing)) {
      return; // The client has gone in the meantime.
    }
    List<Object> died = cut(Origins.Fate.DIED);
    if (means.quarantine().deadly(died)) {
      barred = means.quarantine().add(headers.callId(), tool(), headers.user(), body.length());
      end(endHere());
      return;
    }
    Origins origins = means.origins();
    boolean keepersOnly = mayHaveRun && !repeatable;
    Set<String> tried = search.tried();
    Optional<Origin> first = keepersOnly ? origins.chooseKeeper(tried) : origins.choose(tried);
    List<Origin> all = keepersOnly ? origins.keepersInOrder() : origins.inOrder();
    Optional<Origin> home = session.home();
    if (home.filter(it -> !tried.contains(it.name()) && !keepersOnly).isPresent()) {
      first = home;
    }
    List<Object> undecided = cut(Origins.Fate.UNKNOWN);
    if (!undecided.isEmpty() && died.size() + undecided.size() >= Quarantine.DEATHS) {
      // Heartbeats or a probe will soon tell whether those processes have died.
      first = Optional.empty();
      all = List.of();
    }
    switch (search.next(first, all, now())) {
      case Search.Step.Send to when session.exists() -> sendInSession(to);
      case Search.Step.Send to -> attempt(to, null);
      case Search.Step.Pause(long atLeast, long atMost) -> {
        Promise<Void> healthy = Promise.promise();
        origins.awaitHealthy(Duration.ofMillis(Math.max(1, atMost)), healthy::complete);
        var least = means.vertx().timer(Math.max(1, atLeast), TimeUnit.MILLISECONDS);
        Future.join(least, healthy.future()).onComplete(_ -> send());
      }
      case Search.Step.GiveUp() -> end(endHere());
    }
  }

  /**
   * Starts an attempt. {@code sessionThere} is the id of the call's session at that origin; null if
   * the call has no session.
   */
  private void attempt(Search.Step.Send to, @Nullable String sessionThere) {
    Attempt attempt = new Attempt(to, sessionThere);
    state = new State.Attempting(attempt);
    attempt.start();
  }

  private void sendInSession(Search.Step.Send to) {
    session.at(to.origin()).onComplete(id -> means.loop().runOnContext(_ -> sendInSession(to, id)));
  }

  private void sendInSession(Search.Step.Send to, AsyncResult<String> id) {
    if (!(state instanceof State.Pausing)) {
      return; // The client has gone in the meantime.
    }
    if (id.succeeded()) {
      attempt(to, id.result());
      return;
    }
    if (!(id.cause() instanceof UnexpectedException)) {
      means.origins().failed(to.origin(), Failure.REFUSED, Attempt.reason(id.cause()));
    }
    search.failed(to.origin(), Failure.NOT_RUN);
    send();
  }

  /** Returns the processes that had this fate. */
  private List<Object> cut(Origins.Fate fate) {
    return cut.stream()
        .filter(each -> each.fate() == fate)
        .map(Origins.InFlight::process)
        .distinct()
        .toList();
  }

  /**
   * Returns the name of the tool in the first message that has a name or a method; if that message
   * has no name, returns its method.
   */
  private String tool() {
    return payload().messages().stream()
        .map(message -> message.name() == null ? message.method() : message.name())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("unknown");
  }

  /** The progress of an attempt. */
  private sealed interface Exchange {
    record Connecting() implements Exchange {}

    /**
     * The request is on its way, or at the origin. {@code kept} is true if the connection was used
     * before.
     */
    record Sent(HttpClientRequest request, boolean kept) implements Exchange {}

    /** The head of the response has come, and its body is coming. */
    record Answering(HttpClientRequest request, HttpClientResponse response, Receiver receiver)
        implements Exchange {}

    record Over() implements Exchange {}
  }

  /**
   * One exchange with one origin, from the search for a connection to the end of the response. An
   * attempt tells the pool what it finds at the origin. It tells the call, once, how it ended.
   */
  private final class Attempt implements TimeLimits.Limited {
    private final Search.Step.Send to;
    private final @Nullable String sessionThere;
    private final Origins.InFlight inFlight;
    private final Span part;
    private final long begun = now();
    private final long attemptNanos = System.nanoTime();
    private final long deadline = means.clock().millis() + means.config().attemptMillis();
    private final long ends = means.clock().elapsed() + means.config().attemptMillis();
    private Exchange exchange = new Exchange.Connecting();

    /** The time at which the origin, or a connection to it, was last heard of. */
    private long heardAt = begun;

    /** True if the client reads too slowly, so that the silence is not the origin's. */
    private boolean paused;

    /**
     * True if a part of the request's body is not sent yet. The origin would take that part for the
     * next request on the connection.
     */
    private boolean bodyLeft;

    /** True if the answer's status may mean that the origin has no such session. */
    private boolean doubtful;

    Attempt(Search.Step.Send to, @Nullable String sessionThere) {
      this.to = to;
      this.sessionThere = sessionThere;
      this.part = span.attempt(to.origin(), to.number());
      this.inFlight =
          means.origins().inFlight(to.origin(), () -> fail(Failure.HEARTBEAT_LOST, "no heartbeat"));
    }

    void start() {
      means.time().watch(this);
      String uri = route == Route.MCP ? to.origin().uri(client.request().uri()) : Route.HEALTH_PATH;
      means
          .upstream()
          .request(to.origin(), method(), uri, to.anew())
          .onComplete(
              request -> connected(request, TURNS_AFTER_A_STOP),
              error -> fail(Failure.REFUSED, reason(error)));
    }

    private void connected(HttpClientRequest request, int turns) {
      if (!(exchange instanceof Exchange.Connecting)) {
        request.reset();
        return;
      }
      if (turns > 0 && means.time().wasStopped()) {
        // Between two timers the loop reads what has arrived, such as the end of this client's
        // connection.
        means
            .vertx()
            .timer(TURN_MILLIS, TimeUnit.MILLISECONDS)
            .onComplete(_ -> connected(request, turns - 1));
        return;
      }
      exchange = new Exchange.Sent(request, !means.upstream().firstUse(request.connection()));
      heardAt = now();
      headers.put(request.headers(), to.number(), deadline, means.gatewaySecret().get());
      session.put(request.headers(), sessionThere);
      part.putInto(request.headers());
      request.response().onComplete(this::responded, error -> fail(Failure.RESET, reason(error)));
      bodyLeft = body.length() > PIECE_BYTES;
      if (bodyLeft) {
        // A body for which the origin has no room would keep the origin from reading the bodies
        // that it has accepted. So a long body waits until the origin asks for it.
        Promise<Void> taken = Promise.promise();
        request
            .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
            .putHeader(HttpHeaders.EXPECT, HttpHeaders.CONTINUE)
            .continueHandler(taken::tryComplete)
            .writeHead();
        // An origin that does not ask for the body is sent it after this time.
        long longest = Math.max(1, means.config().idleTimeoutMillis() / 3);
        var waited = means.vertx().timer(longest, TimeUnit.MILLISECONDS);
        Future.any(taken.future(), waited).onSuccess(_ -> sendBody(request));
      } else {
        request.end(body.bytes());
      }
    }

    private void sendBody(HttpClientRequest request) {
      if (exchange instanceof Exchange.Sent) {
        heardAt = now();
        send(request, body.bytes(), 0);
      }
    }

    // The body is sent piece by piece, so that an origin that takes in a large body slowly is not
    // taken for a silent one.
    private void send(HttpClientRequest request, Buffer whole, int from) {
      int end = Math.min(from + PIECE_BYTES, whole.length());
      request
          .write(whole.slice(from, end))
          .onSuccess(
              sent -> {
                heardAt = now();
                if (end == whole.length()) {
                  bodyLeft = false;
                  request.end();
                } else if (!(exchange instanceof Exchange.Over)) {
                  send(request, whole, end);
                }
              });
    }

    private void responded(HttpClientResponse head) {
      head.exceptionHandler(error -> fail(Failure.RESET, reason(error)));
      if (!(exchange instanceof Exchange.Sent(HttpClientRequest request, _))) {
        return;
      }
      heardAt = now();
      int status = head.statusCode();
      part.set("http.response.status_code", status);
      Failure failure = failure(head);
      if (failure != null) {
        fail(failure, "status " + status);
        return;
      }
      if (route == Route.HEALTH && status >= 400 && status < 500) {
        // The origin has no such path, but the pool knows whether an origin is healthy.
        cancel();
        end(End.HEALTH_TOLD);
        return;
      }
      if (status == 404 && session.mayHaveGone()) {
        sessionGone();
        return;
      }
      doubtful = status == 400 && session.mayHaveGone();
      client.originAnswered(status);
      if (isPost() && status < 300) {
        session.taken(to.origin(), head, Call.this::payload, body.bytes());
      }
      Receiver receiver = receiver(this, head);
      if (exchange instanceof Exchange.Sent) {
        exchange = new Exchange.Answering(request, head, receiver);
        head.endHandler(ended -> whole());
        head.handler(this::take);
      }
    }

    /** Returns why an answer with this head is no answer for the client; null if it is one. */
    private @Nullable Failure failure(HttpClientResponse head) {
      // A platform's page, such as that of a stopped or starting service, is not the origin's
      // answer, whatever its status: an origin with a ledger says so in each answer.
      boolean inItsPlace = means.origins().keepsCalls(to.origin()) && !Upstream.keepsCalls(head);
      if (route == Route.HEALTH) {
        return inItsPlace ? Failure.NOT_THE_ORIGIN : null;
      }
      int status = head.statusCode();
      boolean refused = status >= 400 && status < 500;
      // A refusal is about this attempt alone. An earlier attempt may have run the call, which the
      // client would not expect after a refusal. So a refusal is passed on only for a call that may
      // run twice, and not if it says that a share was used up (429).
      boolean ofThisAttempt = refused && mayHaveRun && (status == 429 || !repeatable);
      // The other attempts that were not run: the origin has no room, or has another gateway
      // secret, as during a rotation.
      if (ofThisAttempt || Upstream.notRun(head)) {
        return Failure.NOT_RUN;
      }
      if (status >= 500) {
        return Failure.SERVER_ERROR;
      }
      return inItsPlace ? Failure.NOT_THE_ORIGIN : null;
    }

    private void sessionGone() {
      session.gone(sessionThere);
      fail(Failure.SESSION_GONE, "no such session");
    }

    /** Returns true if the origin may be working on the call, or may have worked on it. */
    boolean wasSent() {
      return !(exchange instanceof Exchange.Connecting);
    }

    private void take(Buffer piece) {
      heardAt = now();
      if (exchange instanceof Exchange.Answering(_, HttpClientResponse response, Receiver by)) {
        switch (by.take(piece)) {
          case READY -> {}
          case FULL -> {
            response.pause();
            paused = true;
          }
          case NO_ROOM -> fail(Failure.NO_ROOM, "no room for an event");
          case UNUSABLE -> giveUp();
        }
      }
    }

    void resume() {
      if (exchange instanceof Exchange.Answering(_, HttpClientResponse response, _)) {
        paused = false;
        heardAt = now();
        response.resume();
      }
    }

    private void whole() {
      if (!(exchange instanceof Exchange.Answering(HttpClientRequest request, _, Receiver by))) {
        return;
      }
      if (doubtful && sessionThere != null) {
        // Many servers say 400 where MCP wants 404; a ping shows what they mean.
        doubtful = false;
        paused = true;
        session
            .lives(to.origin(), sessionThere)
            .onComplete(
                lives -> {
                  if (lives.succeeded() && !lives.result()) {
                    sessionGone();
                  } else {
                    whole();
                  }
                });
        return;
      }
      Receiver.Whole whole = by.whole();
      if (whole == Receiver.Whole.NO_ANSWER) {
        fail(Failure.RESET, "the stream ended without a response");
        return;
      }
      leave();
      if (bodyLeft) {
        means.vertx().runOnContext(_ -> request.connection().close());
      }
      if (!inFlight.replaced()) {
        means.origins().succeeded(to.origin());
      }
      if (whole == Receiver.Whole.ANSWER) {
        end(End.ANSWERED);
      } else {
        hopeless(to.origin());
      }
    }

    @Override
    public void check(long now) {
      long silence = paused ? 0 : now - heardAt;
      if (exchange instanceof Exchange.Connecting) {
        if (silence > means.config().connectTimeoutMillis()) {
          fail(Failure.REFUSED, "no connection in time");
        }
      } else if (!lasts()) {
        if (silence > means.config().idleTimeoutMillis()) {
          fail(Failure.SILENT, "no byte in " + silence + " ms");
        } else if (means.clock().elapsed() > ends) {
          giveUp();
        }
      }
    }

    private boolean lasts() {
      return exchange instanceof Exchange.Answering(_, _, Receiver receiver) && receiver.lasts();
    }

    private void giveUp() {
      part.fail("given_up");
      cancel();
      hopeless(to.origin());
    }

    private void fail(Failure seen, String detail) {
      Exchange before = exchange;
      if (before instanceof Exchange.Over) {
        return;
      }
      // A stream that lasts goes on, however many processes end under it.
      boolean listened = lasts();
      part.fail(named(seen));
      cancel();
      if (seen == Failure.RESET && !listened) {
        if (!cut.isEmpty()) {
          means.quarantine().cutAgain(inFlight.process());
        }
        cut.add(inFlight);
      }
      Failure failure = seen;
      if (!seen.isNotRun() && inFlight.replaced()) {
        failure = Failure.REPLACED;
      } else if (seen == Failure.RESET
          && before instanceof Exchange.Sent(_, boolean kept)
          && kept) {
        failure = Failure.STALE;
      }
      means.origins().failed(to.origin(), failure, detail);
      boolean ran = !(before instanceof Exchange.Connecting) && !failure.isNotRun();
      failed(this, failure, detail, ran, before instanceof Exchange.Answering);
    }

    /** Ends the attempt and the connection that it uses, without telling the call. */
    void cancel() {
      Exchange before = exchange;
      leave();
      switch (before) {
        case Exchange.Connecting _, Exchange.Over _ -> {}
        case Exchange.Sent(HttpClientRequest request, _) -> resetSoon(request);
        case Exchange.Answering(HttpClientRequest request, _, Receiver receiver) -> {
          receiver.dropped();
          resetSoon(request);
        }
      }
    }

    /**
     * Resets the request in a later turn of the loop, so that the call goes on whatever the reset
     * does.
     */
    private void resetSoon(HttpClientRequest request) {
      means.vertx().runOnContext(_ -> request.reset());
    }

    private void leave() {
      if (route == Route.MCP && !(exchange instanceof Exchange.Over) && !lasts()) {
        means.metrics().attempted(to.origin().name(), System.nanoTime() - attemptNanos);
      }
      exchange = new Exchange.Over();
      part.end();
      means.time().unwatch(this);
      inFlight.over();
    }

    /**
     * Returns true if the origin works on something that ends by itself even if nobody waits for
     * it.
     */
    boolean goesOnAlone() {
      return !(exchange instanceof Exchange.Connecting) && !lasts();
    }

    void goOnAlone() {
      if (exchange instanceof Exchange.Answering now) {
        now.receiver().dropped();
        exchange = new Exchange.Answering(now.request(), now.response(), Receiver.OF_NOBODY);
        resume();
      }
    }

    /** Returns the error's message without the address, which Netty adds to a failed connection. */
    static String reason(Throwable error) {
      return String.valueOf(error.getMessage()).replaceFirst(": [^: ]*/.*$", "");
    }
  }

  private Receiver receiver(Attempt from, HttpClientResponse response) {
    if (state instanceof State.Abandoned) {
      return Receiver.OF_NOBODY;
    }
    client.onRoom(from::resume);
    Client.Head head = new Client.Head(response, from.to.origin(), search.attempts(), session.id());
    if (!EventStream.is(response)) {
      return new HeldAnswer(client, stream, head, body.another());
    }
    listens = method().equals(HttpMethod.GET) || payload().has("subscriptions/listen");
    EventStream events = stream;
    if (events == null) {
      Payload request = listens ? Payload.UNREADABLE : payload();
      events = new EventStream(client, request, listens, headers.resumes());
      stream = events;
      client.begin(head);
    }
    if (listens) {
      // A call with a stream that lasts is not sent again, so its body need not be held any longer.
      sending.arrived();
      payload = null;
      done.run();
      session.whenMoved(() -> from.fail(Failure.REPLACED, "its session moved"));
    }
    return events.events(head, body.another());
  }

  /**
   * Ends the call after an attempt that worked until its deadline, or whose answer is unusable.
   * Another attempt would do no better.
   */
  private void hopeless(Origin at) {
    mayHaveRun = true;
    kept &= means.origins().keepsCalls(at);
    end(endHere());
  }

  /**
   * Decides how the call goes on after a failed attempt; another attempt may succeed. {@code ran}
   * is true if the origin may have acted on the call. {@code atWork} is true if the origin had
   * begun to answer, which shows that it was working on the call.
   */
  private void failed(
      Attempt attempt, Failure failure, String detail, boolean ran, boolean atWork) {
    if (state instanceof State.Abandoned) {
      end(End.LEFT);
      return;
    }
    Origin origin = attempt.to.origin();
    LOG.debug("Call {} at {}: {}, {}", headers.callId(), origin.name(), failure, detail);
    state = new State.Pausing();
    if (ran) {
      mayHaveRun = true;
      kept &= means.origins().keepsCalls(origin);
      repeatable = ToolCatalog.isRepeatable(method(), payload(), Set.of());
    }
    search.failed(origin, session.triesAtHomeAgain() ? Failure.STALE : failure);
    End here = endHere();
    boolean listensOn = here == End.TOLD && session.canMove();
    if (atWork) {
      search.cutShort(listensOn ? Long.MAX_VALUE : now() - attempt.begun, now());
    }
    if (here != End.GIVEN_UP && !listensOn) {
      end(here);
    } else if (!mayHaveRun || kept || repeatable) {
      send();
    } else {
      means.catalog().repeatable().onSuccess(this::sendIfRepeatable);
    }
  }

  private void sendIfRepeatable(Set<String> tools) {
    repeatable = ToolCatalog.isRepeatable(method(), payload(), tools);
    if (repeatable) {
      send();
    } else if (state instanceof State.Pausing) {
      end(End.GIVEN_UP);
    }
  }

  /** Returns how the call ends if there is no further attempt. */
  private End endHere() {
    if (stream == null) {
      return client.hasBegun() ? End.BROKEN_OFF : End.GIVEN_UP;
    }
    return stream.mayBreakOff() ? End.TOLD : End.GIVEN_UP;
  }

  private void clientGone() {
    switch (state) {
      case State.Pausing() -> end(End.LEFT);
      case State.Attempting(Attempt attempt) -> {
        mayHaveRun |= attempt.wasSent();
        if (headers.closingCancels() || !attempt.goesOnAlone()) {
          attempt.cancel();
          end(End.LEFT);
        } else {
          state = new State.Abandoned();
          // An abandoned call is not sent again.
          settle(isUndelivered());
          attempt.goOnAlone();
        }
      }
      case State.Abandoned(), State.Over() -> {}
    }
  }

  /**
   * Ends the call because its edge stops. A client that waits for an answer is told that there is
   * none, before its connection is cut.
   */
  private void stop() {
    switch (state) {
      case State.Pausing() -> end(endHere());
      case State.Attempting(Attempt attempt) when !attempt.lasts() -> {
        mayHaveRun |= attempt.wasSent();
        kept &= !attempt.wasSent() || means.origins().keepsCalls(attempt.to.origin());
        attempt.cancel();
        end(endHere());
      }
      case State.Attempting _, State.Abandoned(), State.Over() -> {}
    }
  }

  private void end(End wanted) {
    if (state instanceof State.Over) {
      return; // The client has gone in the meantime.
    }
    End end = state instanceof State.Abandoned ? End.LEFT : wanted;
    state = new State.Over();
    try {
      switch (end) {
        case ANSWERED -> sending.answered();
        case HEALTH_TOLD -> sendHealth(means.origins().choose(Set.of()).isPresent());
        case TOLD -> client.end();
        case LEFT -> settle(isUndelivered());
        case BROKEN_OFF -> {
          if (client.hasSpacesOnly()) {
            sendError();
          } else {
            settle(true);
            client.abort();
          }
        }
        case GIVEN_UP -> sendError();
      }
    } catch (RuntimeException e) {
      sending.arrived();
      throw e;
    } finally {
      endSpan(end);
      done.run();
    }
    if (route != Route.HEALTH) {
      count(end);
    }
  }

  private void endSpan(End end) {
    span.set("mcpist.attempts", search.attempts());
    if (end == End.GIVEN_UP || end == End.BROKEN_OFF || (end == End.LEFT && !listens)) {
      span.fail(named(end));
    }
    span.end();
  }

  /** Returns the constant's name as traces have it, in lower case. */
  private static String named(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private void count(End end) {
    if (end == End.LEFT) {
      means.metrics().left();
      return;
    }
    long nanos = System.nanoTime() - begunNanos;
    if (!listens) {
      means.metrics().took(nanos, headers.callId(), span.traceId());
    }
    boolean failed = end == End.GIVEN_UP || end == End.BROKEN_OFF;
    long waited = listens ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos);
    means.metrics().answered(failed, search.attempts(), waited);
  }

  /**
   * Returns true if a client that has gone has no answer to a call that may have run. A stream that
   * has told all that it could is an answer, even if it has not ended.
   */
  private boolean isUndelivered() {
    return mayHaveRun && (client.wasReset() || endHere() != End.TOLD);
  }

  private void settle(boolean lost) {
    if (lost) {
      sending.lost();
    } else {
      sending.arrived();
    }
  }

  private void sendHealth(boolean healthy) {
    sending.arrived();
    client.health(healthy);
  }

  private void sendError() {
    if (route == Route.HEALTH) {
      sendHealth(false);
      return;
    }
    Payload request = isPost() ? payload() : Payload.UNREADABLE;
    boolean mayMatter = mayHaveRun && !ToolCatalog.isRepeatable(method(), payload(), Set.of());
    String outcome = mayMatter ? "unknown outcome" : "not run";
    LOG.warn("Call {}: {} after {} attempts", headers.callId(), outcome, search.attempts());
    if (!mayMatter) {
      sending.arrived();
      sendError(request, false, false);
      return;
    }
    // The origins are told first, since the client may call again at once.
    Future<Boolean> told = sending.report();
    if (told.isComplete()) {
      sendError(request, true, told.result());
    } else {
      Future.any(told, means.vertx().timer(TELLING_MILLIS, TimeUnit.MILLISECONDS))
          .onComplete(
              _ ->
                  means
                      .loop()
                      .runOnContext(
                          _ -> sendError(request, true, Boolean.TRUE.equals(told.result()))));
    }
  }

  private void sendError(Payload request, boolean mayMatter, boolean told) {
    CallError error =
        CallError.unanswered(
            headers.callId(),
            headers.key(),
            kept && means.origins().keepCalls() && !barred,
            mayMatter,
            told,
            means.clock().instant());
    if (held) {
      error = error.whenHeld();
    }
    if (stream != null) {
      stream.end(error);
    } else {
      client.error(error, request, search.attempts());
    }
  }

  private HttpMethod method() {
    return client.request().method();
  }

  /**
   * Returns the messages in the body. The body is read when they are first asked for, which most
   * calls never do.
   */
  private Payload payload() {
    Payload read = payload;
    if (read == null) {
      read = Payload.read(body.bytes().getBytes());
      payload = read;
    }
    return read;
  }

  private long now() {
    return means.time().now();
  }
}
