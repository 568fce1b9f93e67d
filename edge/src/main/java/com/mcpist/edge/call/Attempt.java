package com.mcpist.edge.call;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.time.TimeLimits;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of a call with one origin, from looking for a connection to the response's end. It
 * tells the pool what it finds there, and its call how it ended.
 */
final class Attempt implements TimeLimits.Limited {
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int SERVER_ERRORS = 500;
  private static final int UNAVAILABLE = 503;
  private static final int FORBIDDEN = 403;

  /** With a 503 or 403: the origin promises that nothing was run, and that it is well. */
  private static final String NOT_RUN = "X-Not-Run";

  /** An instant of the loop that is always to come. */
  private static final long NEVER = Long.MAX_VALUE;

  /** What all attempts of one event loop are made with. */
  record Means(
      ProxyConfig config,
      TimeLimits time,
      Origins origins,
      Upstream upstream,
      Supplier<String> gatewaySecret) {}

  /**
   * What an origin is sent of a call: each time the same, but for the number and the deadline that
   * an attempt adds to its headers.
   *
   * @param uri the path and the query, as the client sent them
   * @param anyStatusIsAnswer whether a 5xx is an answer, and not a failed attempt
   */
  record Outgoing(
      HttpMethod method, String uri, CallHeaders headers, Buffer body, boolean anyStatusIsAnswer) {}

  /** Whose it is; told on the event loop. */
  interface Owner {
    /** What is to become of the body of this response. */
    Receiver receiver(Attempt from, HttpClientResponse head);

    /** It is over; told once, and not when it was cancelled. */
    void ended(Outcome outcome);
  }

  /** What becomes of the body of an attempt's response. */
  interface Receiver {
    /** What a piece has led to. */
    enum Taken {
      /** The next one may come. */
      READY,
      /** The next one must wait until the client has room. */
      FULL,
      /** Nothing can be made of this response, nor of another attempt's. */
      UNUSABLE
    }

    /** What a whole body is. */
    enum Whole {
      /** The answer, and the client has it. */
      ANSWER,
      /** None: the attempt has failed. */
      NO_ANSWER,
      /** Nothing can be made of this response, nor of another attempt's. */
      UNUSABLE
    }

    /** A piece has come. */
    Taken take(Buffer piece);

    /** The body is whole. */
    Whole whole();

    /** The body will never be whole: what is held of it is of no use. */
    default void dropped() {}

    /** Whether it lasts until something happens, so that silence is no failure. */
    default boolean lasts() {
      return false;
    }

    /** For an answer that nobody waits for any more: read to its end, so that the work is done. */
    Receiver NOBODY =
        new Receiver() {
          @Override
          public Taken take(Buffer piece) {
            return Taken.READY;
          }

          @Override
          public Whole whole() {
            return Whole.ANSWER;
          }
        };
  }

  /** How it ended. */
  sealed interface Outcome {
    /** Its client has a whole answer. */
    record Answered() implements Outcome {}

    /**
     * It failed; another one may not.
     *
     * @param mayHaveRun whether the origin may have acted on the call
     * @param atWork whether it had begun to answer, as one does that is at work
     */
    record Failed(Failure failure, String detail, boolean mayHaveRun, boolean atWork)
        implements Outcome {}

    /** No other one would do better: it worked until its deadline, or its answer is unusable. */
    record Hopeless() implements Outcome {}
  }

  /** How far it is. */
  private sealed interface State {
    /** There is no connection yet. */
    record Connecting(Outgoing outgoing) implements State {}

    /** The request is on its way, or at the origin; {@code kept}: on a connection used before. */
    record Sent(HttpClientRequest request, boolean kept) implements State {}

    /** The response's head has come, and its body comes. */
    record Answering(HttpClientRequest request, HttpClientResponse response, Receiver receiver)
        implements State {}

    /** Nothing that comes counts any more. */
    record Over() implements State {}
  }

  private final Means means;
  private final Search.Step.Send to;
  private final boolean anyStatusIsAnswer;
  private final Owner owner;
  private final long begun;
  private final long deadline;
  private State state;
  private Origins.@Nullable InFlight inFlight;

  /** When the origin, or a connection to it, was last heard of. */
  private long heardAt;

  Attempt(Means means, Outgoing outgoing, Search.Step.Send to, Owner owner) {
    this.means = means;
    this.to = to;
    this.anyStatusIsAnswer = outgoing.anyStatusIsAnswer();
    this.owner = owner;
    this.begun = means.time().now();
    this.deadline = System.currentTimeMillis() + means.config().attemptMillis();
    this.state = new State.Connecting(outgoing);
    this.heardAt = begun;
  }

  Origin origin() {
    return to.origin();
  }

  /** How long ago it began, in milliseconds. */
  long age() {
    return means.time().now() - begun;
  }

  /** Whether the origin is at work on something that ends by itself, with nobody waiting. */
  boolean goesOnAlone() {
    return !(state instanceof State.Connecting) && !lasts();
  }

  private boolean lasts() {
    return state instanceof State.Answering(_, _, Receiver receiver) && receiver.lasts();
  }

  void start() {
    if (!(state instanceof State.Connecting(Outgoing outgoing))) {
      return;
    }
    means.time().watch(this);
    inFlight =
        means.origins().inFlight(origin(), () -> fail(Failure.HEARTBEAT_LOST, "no heartbeat"));
    means
        .upstream()
        .request(origin(), outgoing.method(), outgoing.uri(), to.anew())
        .onComplete(this::connected, error -> fail(Failure.REFUSED, reason(error)));
  }

  private void connected(HttpClientRequest request) {
    if (!(state instanceof State.Connecting(Outgoing outgoing))) {
      request.reset();
      return;
    }
    state = new State.Sent(request, !means.upstream().firstUse(request.connection()));
    heard();
    outgoing.headers().put(request.headers(), to.number(), deadline, means.gatewaySecret().get());
    request.response().onComplete(this::responded, error -> fail(Failure.RESET, reason(error)));
    Buffer body = outgoing.body();
    if (body.length() <= PIECE_BYTES) {
      request.end(body);
    } else {
      request.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
      send(request, body, 0);
    }
  }

  // Piece by piece, so that an origin that takes in a large body slowly is not taken for silent.
  private void send(HttpClientRequest request, Buffer body, int from) {
    int end = Math.min(from + PIECE_BYTES, body.length());
    request
        .write(body.slice(from, end))
        .onSuccess(
            sent -> {
              heard();
              if (end == body.length()) {
                request.end();
              } else if (!(state instanceof State.Over)) {
                send(request, body, end);
              }
            });
  }

  private void responded(HttpClientResponse head) {
    head.exceptionHandler(error -> fail(Failure.RESET, reason(error)));
    if (!(state instanceof State.Sent(HttpClientRequest request, _))) {
      return;
    }
    heard();
    // It has no room, or knows another gateway secret, as for a moment while one is rotated.
    boolean notRun =
        (head.statusCode() == UNAVAILABLE || head.statusCode() == FORBIDDEN)
            && head.getHeader(NOT_RUN) != null;
    if ((head.statusCode() >= SERVER_ERRORS || notRun) && !anyStatusIsAnswer) {
      fail(notRun ? Failure.NOT_RUN : Failure.SERVER_ERROR, "status " + head.statusCode());
      return;
    }
    Receiver receiver = owner.receiver(this, head);
    if (state instanceof State.Sent) {
      state = new State.Answering(request, head, receiver);
      head.endHandler(ended -> whole());
      head.handler(this::take);
    }
  }

  private void take(Buffer piece) {
    heard();
    if (state instanceof State.Answering(_, HttpClientResponse response, Receiver receiver)) {
      switch (receiver.take(piece)) {
        case READY -> {}
        case FULL -> {
          response.pause();
          heardAt = NEVER; // Whose silence this is, is known.
        }
        case UNUSABLE -> giveUp();
      }
    }
  }

  /** The client has room again. */
  void resume() {
    if (state instanceof State.Answering(_, HttpClientResponse response, _)) {
      heardAt = means.time().now();
      response.resume();
    }
  }

  /** Nobody waits for its answer any more. */
  void goOnAlone() {
    if (state instanceof State.Answering now) {
      now.receiver().dropped();
      state = new State.Answering(now.request(), now.response(), Receiver.NOBODY);
      resume();
    }
  }

  private void whole() {
    if (!(state instanceof State.Answering(_, _, Receiver receiver))) {
      return;
    }
    Receiver.Whole whole = receiver.whole();
    if (whole == Receiver.Whole.NO_ANSWER) {
      fail(Failure.RESET, "the stream ended without a response");
      return;
    }
    leave();
    if (!replaced()) {
      means.origins().succeeded(origin());
    }
    owner.ended(whole == Receiver.Whole.ANSWER ? new Outcome.Answered() : new Outcome.Hopeless());
  }

  @Override
  public void check(long now) {
    long silence = now - heardAt;
    if (state instanceof State.Connecting) {
      if (silence > means.config().connectTimeoutMillis()) {
        fail(Failure.REFUSED, "no connection in time");
      }
    } else if (!lasts()) {
      if (silence > means.config().idleTimeoutMillis()) {
        fail(Failure.SILENT, "no byte in " + silence + " ms");
      } else if (System.currentTimeMillis() > deadline) {
        giveUp();
      }
    }
  }

  private void giveUp() {
    cancel();
    owner.ended(new Outcome.Hopeless());
  }

  private void fail(Failure seen, String detail) {
    State before = state;
    if (before instanceof State.Over) {
      return;
    }
    cancel();
    Failure failure = seen;
    if (seen != Failure.NOT_RUN && replaced()) {
      failure = Failure.REPLACED;
    } else if (seen == Failure.RESET && before instanceof State.Sent(_, boolean kept) && kept) {
      failure = Failure.STALE;
    }
    means.origins().failed(origin(), failure, detail);
    boolean mayHaveRun = !(before instanceof State.Connecting) && failure != Failure.NOT_RUN;
    boolean atWork = before instanceof State.Answering;
    owner.ended(new Outcome.Failed(failure, detail, mayHaveRun, atWork));
  }

  /** Ends it, and the connection that it uses; its call is not told. */
  void cancel() {
    State before = state;
    leave();
    switch (before) {
      case State.Connecting _, State.Over _ -> {}
      case State.Sent(HttpClientRequest request, _) -> request.reset();
      case State.Answering(HttpClientRequest request, _, Receiver receiver) -> {
        receiver.dropped();
        request.reset();
      }
    }
  }

  private void leave() {
    state = new State.Over();
    means.time().unwatch(this);
    if (inFlight != null) {
      inFlight.over();
    }
  }

  private boolean replaced() {
    return inFlight != null && inFlight.replaced();
  }

  private void heard() {
    if (heardAt != NEVER) {
      heardAt = means.time().now();
    }
  }

  private static String reason(Throwable error) {
    return String.valueOf(error.getMessage());
  }
}
