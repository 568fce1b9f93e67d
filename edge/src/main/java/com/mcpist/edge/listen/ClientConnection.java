package com.mcpist.edge.listen;

import com.mcpist.edge.time.TimeLimits;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** A client's connection, and how long it may take over what it is doing. */
public final class ClientConnection implements TimeLimits.Limited {
  private final Context context;
  private final TimeLimits time;
  private final ClientLimits limits;
  private final BooleanSupplier draining;
  private final HttpConnection connection;
  private final String peer;
  private final AtomicBoolean givesWay = new AtomicBoolean();
  private volatile State state = State.WAITING;
  private volatile long idleSinceNanos = System.nanoTime();
  private long since;
  private int requests;
  private boolean served;
  private boolean ends;

  private enum State {
    /** For the next request's head. */
    WAITING,
    /** With a request; the request has limits of its own. */
    BUSY,
    /** For the client to read what it has been sent. */
    WRITING
  }

  ClientConnection(
      Context context,
      TimeLimits time,
      ClientLimits limits,
      BooleanSupplier draining,
      HttpConnection connection) {
    this.context = context;
    this.time = time;
    this.limits = limits;
    this.draining = draining;
    this.connection = connection;
    this.peer = connection.remoteAddress().hostAddress();
    this.since = time.now();
  }

  String peer() {
    return peer;
  }

  /** Whether its client is to be told to connect anew. */
  public boolean draining() {
    return draining.getAsBoolean();
  }

  void requestBegun() {
    requests++;
    state = State.BUSY;
  }

  /** What is left of its bytes is no request, whatever it looks like. */
  public void endsWithThis() {
    ends = true;
  }

  boolean ends() {
    return ends;
  }

  /** Bytes were handed to the connection that the client must make room for. */
  public void writing() {
    state = State.WRITING;
    since = time.now();
  }

  /** They are on their way, and more may follow. */
  public void written() {
    state = State.BUSY;
  }

  public void responseEnded() {
    requests--;
    idleSinceNanos = System.nanoTime();
    // Of requests that were sent together the next one may have begun before this is told.
    state = requests == 0 ? State.WAITING : State.BUSY;
    since = time.now();
    served = true;
  }

  /** Whether it has no request, and has not been asked to give way; from any thread. */
  boolean idles() {
    return state == State.WAITING && !givesWay.get();
  }

  /** For how long it has had none, where it has none; from any thread, by no loop's clock. */
  long idleNanos(long now) {
    return now - idleSinceNanos;
  }

  /**
   * Closes it so that another one has room; from any thread.
   *
   * @param busy runs instead where it has had a request meanwhile
   * @return whether nobody else has asked that of it
   */
  boolean giveWay(Runnable busy) {
    if (!givesWay.compareAndSet(false, true)) {
      return false;
    }
    context.runOnContext(
        _ -> {
          if (state == State.WAITING) {
            close();
          } else {
            givesWay.set(false);
            busy.run();
          }
        });
    return true;
  }

  boolean unused() {
    return state == State.WAITING && !served;
  }

  @Override
  public void check(long now) {
    if (now - since > limit()) {
      close();
    }
  }

  private long limit() {
    return switch (state) {
      case WAITING -> served ? limits.keepAliveMillis() : limits.headMillis();
      case BUSY -> Long.MAX_VALUE;
      case WRITING -> limits.writeMillis();
    };
  }

  public void close() {
    connection.close();
  }
}
