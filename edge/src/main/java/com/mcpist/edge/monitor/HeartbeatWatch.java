package com.mcpist.edge.monitor;

import com.mcpist.edge.pool.Observation;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.time.LoopClock;
import com.mcpist.edge.time.MonotonicClock;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.net.ConnectException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Listens to one origin's heartbeat, and tells the pool what the heartbeat means. The watch keeps a
 * connection open to the process that the origin is, and connects again with backoff. When that
 * process says that it stops, a new connection shows whether another process is in its place
 * already. Used on one event loop's context only.
 */
final class HeartbeatWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatWatch.class);
  private static final long BACKOFF_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 500;

  /**
   * The time in milliseconds after which an origin without a heartbeat is asked again, since it may
   * have been given a release that has one.
   */
  private static final long ABSENT_MILLIS = 30_000;

  /**
   * The longest time in milliseconds to look for another process. It leaves time for a handshake
   * across an ocean. Together with the tick that may be late, it is less than the second for which
   * a process that stops still takes calls.
   */
  private static final long LOOK_MILLIS = 400;

  /**
   * The number of ticks between two looks. So a process that stops is checked once a second for
   * whether it still is the process that is found at its address.
   */
  private static final int TICKS_PER_LOOK = 4;

  /** The time in milliseconds after which a process that was replaced is gone. */
  private static final long FORMER_MILLIS = 30_000;

  private static final int MAX_LINE_BYTES = 4096;
  private static final String EVENTS = "text/event-stream";

  private final Vertx vertx;
  private final HttpClient client;
  private final Origin origin;
  private final Supplier<RequestOptions> request;
  private final OriginPool pool;
  private final Runnable probeNow;
  private final LoopClock loop;
  private final MonotonicClock clock;
  private final Supplier<List<Heartbeat>> others;
  private Heartbeat heartbeat = Heartbeat.UNKNOWN;

  /** True if nothing was heard since the last connection ended. */
  private boolean quiet = true;

  /** The time at which the origin was last found silent; -1 if it is not silent. */
  private long silentAt = -1;

  private @Nullable Connection current;

  /** The connection that shows which process is there when {@link #current}'s process stops. */
  private @Nullable Connection look;

  /**
   * The connection to the process that was replaced. It is not heard, but stays open until that
   * process ends it. As long as it is open the process waits a moment, in which it can tell the
   * clients of kept connections that these are closed.
   */
  private @Nullable Connection former;

  private String stopping = "";
  private @Nullable String toldOf;
  private int drainingTicks;
  private long backoff = BACKOFF_MILLIS;
  private boolean refusalLogged;
  private boolean closed;

  /**
   * Creates a watch that does not connect yet. {@code others} gives what is heard of the other
   * origins now.
   */
  HeartbeatWatch(
      Vertx vertx,
      HttpClient client,
      Origin origin,
      Supplier<RequestOptions> request,
      OriginPool pool,
      Runnable probeNow,
      LoopClock loop,
      MonotonicClock clock,
      Supplier<List<Heartbeat>> others) {
    this.vertx = vertx;
    this.client = client;
    this.origin = origin;
    this.request = request;
    this.pool = pool;
    this.probeNow = probeNow;
    this.loop = loop;
    this.clock = clock;
    this.others = others;
  }

  /** Returns true if the error means that nobody listens at the address. */
  static boolean refused(@Nullable Throwable error) {
    return error instanceof ConnectException && !(error instanceof ConnectTimeoutException);
  }

  Origin origin() {
    return origin;
  }

  Heartbeat heartbeat() {
    return heartbeat;
  }

  void connect() {
    Connection made = new Connection();
    current = made;
    made.connect();
  }

  /**
   * Connects anew if ticks are missing. A connection that a network swallowed would be repaired
   * late; a new one tells at once.
   */
  void reconnectIfStale(long now) {
    if (heartbeat.stale(now) && current != null && current.open) {
      current.lost();
    }
  }

  /** Tells the pool if the origin has become silent, or is heard again. */
  void judge(long now) {
    if (silentAt >= 0 && heartbeat.wellSince(silentAt)) {
      silentAt = -1;
      pool.observe(new Observation.HeartbeatResumed(origin.name()));
    } else if (silentAt < 0) {
      Optional<String> silence = heartbeat.silence(others.get(), now);
      if (silence.isPresent()) {
        silentAt = now;
        pool.observe(new Observation.HeartbeatSilent(origin.name(), silence.get()));
      }
    }
  }

  void close() {
    closed = true;
    current = closed(current);
    look = closed(look);
    former = closed(former);
  }

  private static @Nullable Connection closed(@Nullable Connection connection) {
    if (connection != null) {
      connection.close();
    }
    return null;
  }

  private void tick(Connection from, Tick tick) {
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
    long nanoTime = System.nanoTime();
    if (!loop.wasStopped(nanoTime)) {
      clock.tell(tick.clock());
    }
    long now = loop.millis(nanoTime);
    boolean back = quiet || heartbeat.stale(now);
    quiet = false;
    pool.ticked(origin.name(), tick.instance(), tick.draining());
    heartbeat = heartbeat.tick(now, tick.database());
    if (back) {
      // A probe under way was sent to the process that was there before.
      probeNow.run();
    }
    judge(now);
    if (!tick.draining()) {
      drainingTicks = 0;
      toldOf = null;
    } else if (drainingTicks++ % TICKS_PER_LOOK == 0 && look == null) {
      look(tick.instance());
    }
  }

  private void look(String instance) {
    stopping = instance;
    Connection made = new Connection();
    look = made;
    made.connect();
    vertx.setTimer(
        LOOK_MILLIS,
        _ -> {
          if (look == made) {
            notFound();
          }
        });
  }

  private void takeOver(Connection found, Tick tick) {
    former = closed(former);
    Connection old = current;
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
    pool.observe(new Observation.Replaced(origin.name()));
    // A probe under way was sent to the process that was there before.
    probeNow.run();
    heard(tick);
  }

  private void notFound() {
    look = closed(look);
    if (!stopping.equals(toldOf)) {
      toldOf = stopping;
      pool.observe(new Observation.Draining(origin.name()));
    }
    if (current == null) {
      again(backoff);
    }
  }

  private void ended(Connection from) {
    if (from == look) {
      notFound();
    } else if (from == former) {
      former = null;
    } else if (from == current) {
      current = null;
      drainingTicks = 0;
      if (from.open) {
        quiet = true;
        pool.observe(new Observation.HeartbeatEnded(origin.name()));
      }
      if (look == null) {
        again(backoff);
        backoff = Math.min(backoff * 2, BACKOFF_MAX_MILLIS);
      }
    }
  }

  /**
   * Notes that the origin answers with this code, so it has no heartbeat, or none for this edge.
   */
  private void refused(Connection from, int code) {
    if (from != current) {
      ended(from);
      return;
    }
    current = null;
    if ((code == 401 || code == 403) && !refusalLogged) {
      refusalLogged = true;
      LOG.warn("origin {}: /heartbeat refuses the gateway secret", origin.name());
    }
    heartbeat = Heartbeat.ABSENT;
    judge(loop.millis(System.nanoTime()));
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

  /** One connection, from its making to its end. Once it is closed, it reports nothing more. */
  private final class Connection {
    private @Nullable HttpClientRequest request;
    private boolean open;
    private boolean closed;

    void connect() {
      // The client keeps no connection, so this is a new connection.
      client
          .request(HeartbeatWatch.this.request.get())
          .compose(this::send)
          .timeout(Heartbeat.SILENCE_MILLIS, TimeUnit.MILLISECONDS)
          .onComplete(this::answered, this::failed);
    }

    private void failed(Throwable error) {
      if (this == current && refused(error)) {
        pool.refused(origin.name());
      }
      lost();
    }

    private Future<HttpClientResponse> send(HttpClientRequest made) {
      // The future of the response tells what ends the stream.
      made.exceptionHandler(_ -> {});
      if (closed) {
        var _ = made.reset();
        return Future.failedFuture("given up");
      }
      request = made;
      return made.send();
    }

    private void answered(HttpClientResponse response) {
      response.exceptionHandler(_ -> lost());
      if (closed) {
        return;
      }
      int status = response.statusCode();
      if (status == 200 && EVENTS.equals(response.getHeader(HttpHeaders.CONTENT_TYPE))) {
        open = true;
        RecordParser lines =
            RecordParser.newDelimited("\n", this::line).maxRecordSize(MAX_LINE_BYTES);
        lines.exceptionHandler(_ -> lost());
        response.endHandler(_ -> lost()).handler(lines);
      } else if (status < 500) {
        close();
        refused(this, status);
      } else {
        lost();
      }
    }

    private void line(Buffer line) {
      String text = line.toString();
      if (closed || !text.startsWith("data:")) {
        return;
      }
      Tick tick;
      try {
        tick = Tick.of(text.substring("data:".length()));
      } catch (JacksonException _) {
        // A line that is not a heartbeat is as good as no heartbeat.
        lost();
        return;
      }
      tick(this, tick);
    }

    void lost() {
      if (!closed) {
        close();
        ended(this);
      }
    }

    void close() {
      closed = true;
      HttpClientRequest made = request;
      request = null;
      if (made != null) {
        var _ = made.reset();
      }
    }
  }

  /**
   * A tick: what an origin's heartbeat says.
   *
   * @param instance the process that says it
   * @param draining true if the process stops
   * @param database true if the process's database answers
   * @param clock the time in the database, in ms since the epoch; 0 if the process does not tell it
   */
  private record Tick(String instance, boolean draining, boolean database, long clock) {
    static Tick of(String json) {
      JsonNode tick = JsonMapper.shared().readTree(json);
      return new Tick(
          tick.path("instance").asString(""),
          tick.path("draining").asBoolean(false),
          tick.path("database").asBoolean(false),
          tick.path("clock").asLong(0));
    }

    /**
     * Returns true if the tick is another process's, and that process can take the place of the one
     * that stops.
     */
    boolean takesOverFrom(String leaving) {
      return !instance.equals(leaving) && !draining && database;
    }
  }
}
