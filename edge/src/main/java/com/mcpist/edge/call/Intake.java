package com.mcpist.edge.call;

import com.mcpist.edge.gate.Gate;
import com.mcpist.edge.gate.Rejection;
import com.mcpist.edge.gate.Rejection.Refusal;
import com.mcpist.edge.gate.RequestCheck;
import com.mcpist.edge.gate.Route;
import com.mcpist.edge.gate.auth.Caller;
import com.mcpist.edge.time.TimeLimits;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes in one request: judges its head, finds out who asks, and waits until its body is whole. One
 * that is turned away is read to its end first, within limits: most clients look for a response
 * only after they have sent everything, and a connection closed before that would show them a
 * broken one instead of the reason.
 */
final class Intake implements TimeLimits.Limited {
  private static final long MAX_DROPPED_BYTES = 16L * 1024 * 1024;
  private static final long MAX_DROPPING_MILLIS = 2_000;

  /**
   * What all requests of one event loop are taken in by.
   *
   * @param bodyMillis within which a body must be whole
   */
  record Means(
      Context context,
      TimeLimits time,
      Gate gate,
      RequestCheck check,
      HeldBody.Budget budget,
      long bodyMillis) {}

  /** What a request is found to be. */
  sealed interface Result {
    /** One to be answered, with its body, which the edge holds. */
    record Taken(Caller caller, HeldBody body) implements Result {}

    /** One to be turned away; {@code bodyLeft}: there is more of it on the connection. */
    record Refused(Refusal refusal, boolean bodyLeft) implements Result {}
  }

  /** What is done with what comes. */
  private sealed interface State {
    /** Nothing is read: it is being found out who asks, or the result is known. */
    record Idle() implements State {}

    /** It is held. */
    record Holding(Caller caller) implements State {}

    /** It is read and dropped; when it is whole, the result is this. */
    record Dropping(Result then) implements State {}
  }

  private final Means means;
  private final Client client;
  private final HttpServerRequest request;
  private final Route route;
  private final Consumer<Result> then;
  private final HeldBody body;
  private State state = new State.Idle();
  private long begun;
  private long dropped;

  Intake(Means means, Client client, Route route, Consumer<Result> then) {
    this.means = means;
    this.client = client;
    this.request = client.request();
    this.route = route;
    this.then = then;
    this.body = new HeldBody(means.budget());
    this.begun = means.time().now();
  }

  void begin() {
    Optional<Refusal> refusal = judgeHead();
    if (refusal.isPresent()) {
      refuse(refusal.get());
    } else if (route == Route.MCP) {
      enter();
    } else {
      // A body does not belong there: it takes no room.
      read(new State.Dropping(new Result.Taken(Caller.LOCAL, body)));
    }
  }

  private Optional<Refusal> judgeHead() {
    Optional<Refusal> crowded = means.gate().address(request);
    return means
        .check()
        .rejection(route, request.version(), request.headers())
        .map(Refusal::of)
        .filter(malformed -> malformed.rejection().closes() || crowded.isEmpty())
        .or(() -> crowded);
  }

  private void enter() {
    Future<Gate.Entry> entry = means.gate().enter(request.uri(), request.headers());
    if (entry.isComplete()) {
      entered(entry.result());
      return;
    }
    // An issuer is asked for a key: that takes a while, in which nothing is read.
    request.pause();
    entry.onComplete(found -> means.context().runOnContext(_ -> enteredLate(found.result())));
  }

  private void enteredLate(Gate.Entry entry) {
    if (!client.gone()) {
      begun = means.time().now();
      entered(entry);
      request.resume();
    }
  }

  private void entered(Gate.Entry entry) {
    switch (entry) {
      case Gate.Entry.Closed(Refusal refusal) -> refuse(refusal);
      // A body means nothing there, and there are servers that would take it for the next request.
      case Gate.Entry.Open(Caller caller) when request.method().equals(HttpMethod.GET) ->
          read(new State.Dropping(new Result.Taken(caller, body)));
      case Gate.Entry.Open(Caller caller) -> read(new State.Holding(caller));
    }
  }

  private void refuse(Refusal refusal) {
    if (asksFirst() || refusal.rejection().closes() || declared() > MAX_DROPPED_BYTES) {
      end(new Result.Refused(refusal, true));
    } else {
      read(new State.Dropping(new Result.Refused(refusal, false)));
    }
  }

  private void read(State first) {
    state = first;
    means.time().watch(this);
    request.exceptionHandler(broken -> leave());
    request.endHandler(ended -> whole());
    request.handler(this::take);
    if (asksFirst()) {
      request.response().writeContinue();
    }
  }

  private boolean asksFirst() {
    return request.headers().contains(HttpHeaders.EXPECT);
  }

  private long declared() {
    return RequestCheck.bodyBytes(request.headers());
  }

  private void take(Buffer piece) {
    switch (state) {
      case State.Idle _ -> {}
      case State.Holding _ -> hold(piece);
      case State.Dropping(Result whole) -> {
        dropped += piece.length();
        if (dropped > MAX_DROPPED_BYTES) {
          end(
              whole instanceof Result.Refused(Refusal refusal, _)
                  ? new Result.Refused(refusal, true)
                  : refused(Rejection.BODY_TOO_LARGE, true));
        }
      }
    }
  }

  private void hold(Buffer piece) {
    int length = body.length() + piece.length();
    if (length > means.check().maxBodyBytes()) {
      drop(Rejection.BODY_TOO_LARGE);
    } else if (!body.add(piece, Math.max(length, declared()))) {
      drop(Rejection.OVERLOADED);
    }
  }

  private void drop(Rejection rejection) {
    body.letGo();
    state = new State.Dropping(refused(rejection, false));
  }

  private static Result refused(Rejection rejection, boolean bodyLeft) {
    return new Result.Refused(Refusal.of(rejection), bodyLeft);
  }

  private void whole() {
    switch (state) {
      case State.Idle _ -> {}
      case State.Holding(Caller caller) -> end(new Result.Taken(caller, body));
      case State.Dropping(Result whole) -> end(whole);
    }
  }

  @Override
  public void check(long now) {
    if (state instanceof State.Dropping(Result.Refused(Refusal refusal, _))) {
      if (now - begun > MAX_DROPPING_MILLIS) {
        end(new Result.Refused(refusal, true));
      }
    } else if (now - begun > means.bodyMillis()) {
      body.letGo();
      end(refused(Rejection.SLOW_BODY, true));
    }
  }

  private void end(Result result) {
    over();
    then.accept(result);
  }

  /** The client has gone before its request was whole. */
  private void leave() {
    if (!(state instanceof State.Idle)) {
      over();
      body.letGo();
    }
  }

  private void over() {
    state = new State.Idle();
    means.time().unwatch(this);
  }
}
