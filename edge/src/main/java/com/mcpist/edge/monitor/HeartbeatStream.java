package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Origin;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a heartbeat's connection open to the process that an origin is, connecting again with
 * backoff. When that process says that it stops, a new connection shows whether another one is
 * there in its place already. Used on one event loop's context only.
 */
final class HeartbeatStream implements HeartbeatConnection.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatStream.class);
  private static final long BACKOFF_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 500;

  /** An origin without a heartbeat may be given another release that has one. */
  private static final long ABSENT_MILLIS = 30_000;

  /**
   * The longest look for another process: a handshake across an ocean, and with the tick that may
   * be late less than the second for which a process that stops still takes calls.
   */
  private static final long LOOK_MILLIS = 400;

  /** One that stops is asked once a second whether it still is the one that is found there. */
  private static final int TICKS_PER_LOOK = 4;

  /** A process that was replaced is gone by then. */
  private static final long FORMER_MILLIS = 30_000;

  /** Who is told what is heard. */
  interface Listener {
    /** {@code database}: the process's database answers. */
    void tick(boolean database);

    /** The process stops, and no other one is there in its place. */
    void leaving();

    /** The process stops, and another one has taken its place. */
    void replaced();

    /** The stream was open and is not any more. */
    void ended();

    /** The origin has no heartbeat. */
    void absent();
  }

  private final Vertx vertx;
  private final HttpClient client;
  private final Origin origin;
  private final Supplier<String> gatewaySecret;
  private final Listener listener;

  /** The one whose ticks are heard. */
  private @Nullable HeartbeatConnection current;

  /** Shows who is there when {@link #current}'s process stops. */
  private @Nullable HeartbeatConnection look;

  /**
   * Of the process that was replaced. It is not heard, but stays until that ends it: while it is
   * there the process waits a moment, in which it can tell kept connections that they are closed.
   */
  private @Nullable HeartbeatConnection former;

  private String stopping = "";
  private @Nullable String toldOf;
  private int drainingTicks;
  private long backoff = BACKOFF_MILLIS;
  private boolean refusalLogged;
  private boolean closed;

  HeartbeatStream(
      Vertx vertx,
      HttpClient client,
      Origin origin,
      Supplier<String> gatewaySecret,
      Listener listener) {
    this.vertx = vertx;
    this.client = client;
    this.origin = origin;
    this.gatewaySecret = gatewaySecret;
    this.listener = listener;
  }

  void connect() {
    HeartbeatConnection made = new HeartbeatConnection(this);
    current = made;
    made.connect(client, origin, gatewaySecret.get());
  }

  /** Gives up the connection, if there is one, and makes another. */
  void reconnect() {
    if (current != null && current.isOpen()) {
      current.lost();
    }
  }

  void close() {
    closed = true;
    current = closed(current);
    look = closed(look);
    former = closed(former);
  }

  private static @Nullable HeartbeatConnection closed(@Nullable HeartbeatConnection connection) {
    if (connection != null) {
      connection.close();
    }
    return null;
  }

  @Override
  public void tick(HeartbeatConnection from, Tick tick) {
    if (from == current) {
      heard(tick);
    } else if (from == look) {
      if (tick.takesOverFrom(stopping)) {
        takeOver(from, tick);
      } else {
        notFound();
      }
    }
  }

  private void heard(Tick tick) {
    backoff = BACKOFF_MILLIS;
    listener.tick(tick.database());
    if (!tick.draining()) {
      drainingTicks = 0;
      toldOf = null;
    } else if (drainingTicks++ % TICKS_PER_LOOK == 0 && look == null) {
      look(tick.instance());
    }
  }

  private void look(String instance) {
    stopping = instance;
    HeartbeatConnection made = new HeartbeatConnection(this);
    look = made;
    made.connect(client, origin, gatewaySecret.get());
    vertx.setTimer(
        LOOK_MILLIS,
        _ -> {
          if (look == made) {
            notFound();
          }
        });
  }

  private void takeOver(HeartbeatConnection found, Tick tick) {
    former = closed(former);
    HeartbeatConnection old = current;
    former = old;
    current = found;
    look = null;
    vertx.setTimer(
        FORMER_MILLIS,
        _ -> {
          if (former == old) {
            former = closed(former);
          }
        });
    listener.replaced();
    heard(tick);
  }

  private void notFound() {
    look = closed(look);
    if (!stopping.equals(toldOf)) {
      toldOf = stopping;
      listener.leaving();
    }
    if (current == null) {
      again(backoff);
    }
  }

  @Override
  public void ended(HeartbeatConnection from) {
    if (from == look) {
      notFound();
    } else if (from == former) {
      former = null;
    } else if (from == current) {
      current = null;
      drainingTicks = 0;
      if (from.isOpen()) {
        listener.ended();
      }
      if (look == null) {
        again(backoff);
        backoff = Math.min(backoff * 2, BACKOFF_MAX_MILLIS);
      }
    }
  }

  @Override
  public void refused(HeartbeatConnection from, int code) {
    if (from != current) {
      ended(from);
      return;
    }
    current = null;
    if ((code == 401 || code == 403) && !refusalLogged) {
      refusalLogged = true;
      LOG.warn("origin {}: /heartbeat refuses the gateway secret", origin.name());
    }
    listener.absent();
    again(ABSENT_MILLIS);
  }

  private void again(long millis) {
    long jitter = ThreadLocalRandom.current().nextLong(millis / 4 + 1);
    vertx.setTimer(
        millis + jitter,
        _ -> {
          if (current == null && !closed) {
            connect();
          }
        });
  }
}
