package com.mcpist.edge.pool;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The pool as a call sees it. Every method is called on an event loop and does not block. Each
 * answer comes from one immutable snapshot.
 */
public interface Origins {
  /** The header that an origin which keeps calls in a ledger puts on each of its answers. */
  String LEDGER = "X-Ledger";

  /** Returns the first enabled and healthy origin that is not among {@code tried}. */
  Optional<Origin> choose(Set<String> tried);

  /**
   * Returns all enabled origins in order, for a call that finds none healthy. A health state may be
   * wrong, and an attempt is the quickest way to know.
   */
  List<Origin> inOrder();

  /**
   * Returns true if an origin says that it keeps calls in a ledger, so that a call sent again runs
   * once.
   */
  boolean keepsCalls(Origin origin);

  /** Returns true if an origin keeps calls, and no origin is known not to. */
  boolean keepCalls();

  /**
   * Returns false if an origin is known to keep no calls. An edge that has just started has heard
   * of no origin yet, and must treat a call as one that is kept.
   */
  boolean mayKeepCalls();

  /**
   * Notes that a server has answered a call by MCP, without X-Ledger. This shows that the server
   * keeps no calls, unless it is known that the origin keeps them.
   */
  void answeredWithoutLedger(Origin origin);

  /** Returns the same as {@link #choose}, among the origins that keep calls. */
  default Optional<Origin> chooseKeeper(Set<String> tried) {
    Set<String> others = new HashSet<>(tried);
    inOrder().stream().filter(o -> !keepsCalls(o)).map(Origin::name).forEach(others::add);
    return choose(others);
  }

  /** Returns the same as {@link #inOrder}, with the origins that keep calls only. */
  default List<Origin> keepersInOrder() {
    return inOrder().stream().filter(this::keepsCalls).toList();
  }

  /**
   * Returns the origin for a request of the edge's own that only an origin with a ledger can
   * answer: the one that calls go to, or another that is not among {@code tried}.
   */
  default Optional<Origin> anyKeeper(Set<String> tried) {
    return chooseKeeper(tried)
        .or(
            () ->
                keepersInOrder().stream().filter(each -> !tried.contains(each.name())).findFirst());
  }

  /**
   * Returns true if an origin is healthy. An origin that is not may still be reachable, or may have
   * failed for a moment only.
   */
  boolean isHealthy(Origin origin);

  /** Returns true if probes of an origin have failed again and again. */
  boolean isDown(Origin origin);

  /**
   * Makes {@code then} run, once, later, on the caller's context: when an origin becomes healthy,
   * or has answered a probe and may soon be healthy, or at the limit.
   */
  void awaitHealthy(Duration limit, Runnable then);

  /**
   * Notes that an attempt failed. If that is a sign of the origin's health, the origin is suspect
   * at once.
   */
  void failed(Origin origin, Failure failure, String detail);

  void succeeded(Origin origin);

  /**
   * Registers a call in flight at the process that an origin is now. {@code onLost} runs at most
   * once, later, on the caller's context, when the process is given up as silent.
   */
  InFlight inFlight(Origin origin, Runnable onLost);

  /** A call in flight at the process that an origin was when the attempt began. */
  interface InFlight {
    /** Notes that the attempt is over. May be called more than once. */
    void over();

    /**
     * Returns true if another process has taken this process's place since. What becomes of the
     * call then says nothing of the process that is there now.
     */
    boolean replaced();

    /**
     * Returns what has become of the process since the attempt was over, as far as is known yet.
     */
    Fate fate();

    /** Returns the process, which is compared by identity. */
    Object process();
  }

  /** The fate of a process that an attempt was at when its connection broke. */
  enum Fate {
    UNKNOWN,
    /** The process is there, or has stopped as it was asked to. */
    LIVES,
    DIED
  }

  /** The reasons why an attempt failed, as far as an edge can tell. */
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

    /** Returns what happened, if it is a sign of the origin's health; else empty. */
    public String sentence() {
      return sentence;
    }

    /** Returns true if the origin says that it has not run the call. */
    public boolean isNotRun() {
      return this == NOT_RUN || this == SESSION_GONE;
    }

    /** Returns true if the origin may be tried again at once, on a connection of its own. */
    public boolean isOfThePast() {
      return this == STALE || this == REPLACED || this == SESSION_GONE;
    }
  }
}
