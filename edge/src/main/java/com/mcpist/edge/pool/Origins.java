package com.mcpist.edge.pool;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The pool as a call sees it. Every method is called on an event loop and does not block; what it
 * answers is one immutable snapshot's.
 */
public interface Origins {
  /** The first enabled and healthy origin that is not among {@code tried}. */
  Optional<Origin> choose(Set<String> tried);

  /**
   * All enabled origins in order, for a call that finds none healthy: a health state may be wrong,
   * and an attempt is the quickest way to know.
   */
  List<Origin> inOrder();

  /** Whether an origin says that it keeps calls in a ledger, so that one sent again runs once. */
  boolean keepsCalls(Origin origin);

  /** Whether one does, and none is known not to. */
  boolean keepCalls();

  /**
   * Returns false if an origin is known to keep no calls. An edge that has just started has heard
   * of no origin yet, and must treat a call as one that is kept.
   */
  boolean mayKeepCalls();

  /** As {@link #choose}, among those that keep calls. */
  default Optional<Origin> chooseKeeper(Set<String> tried) {
    Set<String> others = new HashSet<>(tried);
    inOrder().stream().filter(o -> !keepsCalls(o)).map(Origin::name).forEach(others::add);
    return choose(others);
  }

  /** As {@link #inOrder}, of those that keep calls. */
  default List<Origin> keepersInOrder() {
    return inOrder().stream().filter(this::keepsCalls).toList();
  }

  /**
   * Where a request of the edge's own goes that only an origin with a ledger can answer: the one
   * that calls go to, or another that is not among {@code tried}.
   */
  default Optional<Origin> anyKeeper(Set<String> tried) {
    return chooseKeeper(tried)
        .or(
            () ->
                keepersInOrder().stream().filter(each -> !tried.contains(each.name())).findFirst());
  }

  /** Whether an origin is healthy; one that is not may still be, or have been for a moment. */
  boolean isHealthy(Origin origin);

  /** Whether probes of an origin have failed again and again. */
  boolean isDown(Origin origin);

  /**
   * Has {@code then} run, once, later, on the caller's context: when an origin becomes healthy, or
   * has answered a probe and may soon be, or at the limit.
   */
  void awaitHealthy(Duration limit, Runnable then);

  /** An attempt failed: where that is a sign of its health, the origin is suspect at once. */
  void failed(Origin origin, Failure failure, String detail);

  void succeeded(Origin origin);

  /**
   * Registers a call in flight at the process that an origin is now. {@code onLost} runs at most
   * once, later, on the caller's context, when that is given up as silent.
   */
  InFlight inFlight(Origin origin, Runnable onLost);

  /** A call in flight at the process that an origin was when the attempt began. */
  interface InFlight {
    /** The attempt is over; may be called more than once. */
    void over();

    /**
     * Whether another process has taken that one's place since. What becomes of the call then says
     * nothing of the one that is there now.
     */
    boolean replaced();

    /** What became of that process, as far as is known yet, since the attempt is over. */
    Fate fate();

    /** That process, compared by identity. */
    Object process();
  }

  /** Of a process that an attempt was at when its connection broke. */
  enum Fate {
    UNKNOWN,
    /** It is there, or has stopped as it was asked to. */
    LIVES,
    DIED
  }

  /** Why an attempt failed, as far as an edge can tell. */
  enum Failure {
    /** No connection could be made: nothing was delivered. */
    REFUSED("a call was refused"),
    /** The connection was reset or closed before the response was whole. */
    RESET("a call was cut off"),
    /** No byte came within the call's idle limit. */
    SILENT("a call got no byte in time"),
    SERVER_ERROR("a call was answered with a server error"),
    /**
     * Something else refused the call in the origin's place, such as a platform that has stopped
     * the service. The health probes find out whether the origin is gone.
     */
    NOT_THE_ORIGIN(""),
    /** The origin's heartbeat stopped, which may be a false alarm, and which the pool knows. */
    HEARTBEAT_LOST(""),
    /** The origin had no room for the call, or knows another gateway secret, and has not run it. */
    NOT_RUN(""),
    /** The edge had no room for what the origin answered. */
    NO_ROOM(""),
    /** The origin does not know the call's session, and has not run it. */
    SESSION_GONE(""),
    /** A kept connection was closed just when it was used. */
    STALE(""),
    /** The process that was there when the attempt began has been replaced. */
    REPLACED("");

    private final String sentence;

    Failure(String sentence) {
      this.sentence = sentence;
    }

    /** What happened, where it is a sign of the origin's health; else empty. */
    public String sentence() {
      return sentence;
    }

    /** Whether the origin says that it has not run the call. */
    public boolean isNotRun() {
      return this == NOT_RUN || this == SESSION_GONE;
    }

    /** Whether the origin may be tried again at once, on a connection of its own. */
    public boolean isOfThePast() {
      return this == STALE || this == REPLACED || this == SESSION_GONE;
    }
  }
}
