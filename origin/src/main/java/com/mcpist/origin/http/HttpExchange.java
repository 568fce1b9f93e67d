package com.mcpist.origin.http;

import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Exchange;
import com.mcpist.origin.mcp.Negotiation;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one POST: JSON, or a stream that begins with the first notification, or when the
 * call takes long. JSON that takes long begins with spaces, since silence is what an edge takes for
 * the end of an origin. Its state is confined to the event loop, to which the call's thread hops
 * once, when it is done: each hop may wake the loop, which costs more than a small call's JSON.
 */
final class HttpExchange implements Exchange, InFlight.Answering {
  private static final long STREAM_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Beyond the wait for a connection, and before an edge misses a byte. */
  private static final long STREAM_WAITING_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(1_800);

  private static final long COMMENT_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Notifications on their way to the event loop; a tool that makes them faster loses some. */
  private static final int MOST_PENDING = 64;

  private enum State {
    SILENT,
    STREAMING,
    PADDING,
    ENDED
  }

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context loop;
  private final Accepts accepts;
  private final InFlight inFlight;
  private final Budget.Hold held;
  private final long began = System.nanoTime();
  private final AtomicInteger pending = new AtomicInteger();
  private State state = State.SILENT;
  private long lastWrite;
  private boolean working = true;
  private boolean sent;
  private boolean settled;
  private @Nullable Supplier<byte[]> farewell;
  private Runnable ended = () -> {};
  private volatile boolean admitted;
  private volatile boolean started;
  private volatile boolean closed;

  /** The call's last word, set by its thread. */
  private @Nullable Runnable last;

  /** Created on the event loop, when the request is whole. Closes what is held at its end. */
  HttpExchange(
      HttpServerRequest request,
      Context loop,
      Accepts accepts,
      InFlight inFlight,
      Budget.Hold held) {
    this.request = request;
    this.response = request.response();
    this.loop = loop;
    this.accepts = accepts;
    this.inFlight = inFlight;
    this.held = held;
    inFlight.add(this);
    response.closeHandler(
        v -> {
          closed = true;
          state = State.ENDED;
          sent = true;
          settle();
        });
  }

  @Override
  public Headers headers() {
    return headers(request);
  }

  static Headers headers(HttpServerRequest request) {
    return name -> {
      List<String> values = request.headers().getAll(name);
      return values.isEmpty() ? null : String.join(", ", values);
    };
  }

  @Override
  public Budget.Hold held() {
    return held;
  }

  @Override
  public void admitted() {
    admitted = true;
  }

  @Override
  public void started() {
    started = true;
  }

  @Override
  public void session(String id) {
    loop.runOnContext(v -> response.putHeader(Negotiation.SESSION_HEADER, id));
  }

  @Override
  public boolean streams() {
    return accepts.stream();
  }

  @Override
  public void notify(byte[] message) {
    if (pending.incrementAndGet() > MOST_PENDING) {
      pending.decrementAndGet();
      return;
    }
    loop.runOnContext(
        v -> {
          pending.decrementAndGet();
          if (state != State.ENDED && accepts.stream() && !response.writeQueueFull()) {
            stream(Replies.message(message));
          }
        });
  }

  @Override
  public void respond(int status, byte[] message) {
    last(() -> end(status, message));
  }

  private void last(Runnable word) {
    last = last == null ? word : last;
  }

  @Override
  public void refuse(int status, Map<String, String> headers, byte[] message) {
    last(
        () -> {
          if (state == State.SILENT) {
            headers.forEach(response::putHeader);
          }
          // What has no room was undone, and earlier attempts refused; what is busy is tried on.
          if (status < 500 || "overloaded".equals(headers.get("X-Not-Run"))) {
            end(status, message);
          } else {
            leave(status, message);
          }
        });
  }

  @Override
  public void accepted(int status) {
    last(
        () -> {
          if (state != State.ENDED) {
            closing();
            finish(response.setStatusCode(status).end());
          }
        });
  }

  @Override
  public void hold(Supplier<byte[]> lastWords, Runnable whenEnded) {
    last(
        () -> {
          farewell = lastWords;
          ended = whenEnded;
          if (inFlight.draining() || !accepts.stream()) {
            bidFarewell();
          } else if (state != State.ENDED) {
            inFlight.hold(this);
            held.keepHead();
          }
        });
  }

  @Override
  public void abandon(byte[] message) {
    last(() -> leave(503, message));
  }

  private void leave(int status, byte[] message) {
    boolean begun = state == State.STREAMING || state == State.PADDING;
    if (begun && request.headers().contains("X-Call-Id")) {
      // Only an answer that is not whole makes an edge ask another origin.
      response.reset();
    } else {
      end(status, message);
    }
  }

  @Override
  public boolean closed() {
    return closed;
  }

  /** The call's thread is done with it, and says so. */
  void workDone() {
    loop.runOnContext(
        v -> {
          working = false;
          if (last != null) {
            last.run();
          }
          settle();
        });
  }

  /** Ends a stream that was held open. Called on the event loop. */
  @Override
  public void bidFarewell() {
    if (farewell != null) {
      end(200, farewell.get());
    }
  }

  /** Lets a call that has been silent for long say that it is at work. Called on the event loop. */
  @Override
  public void tick(long now) {
    boolean due =
        state == State.SILENT
            // What is refused is told by a status, which a stream would have taken away.
            ? admitted && now - began >= (started ? STREAM_AFTER_NANOS : STREAM_WAITING_AFTER_NANOS)
            : state != State.ENDED && now - lastWrite >= COMMENT_AFTER_NANOS;
    if (!due || response.writeQueueFull()) {
      return;
    }
    if (accepts.stream()) {
      stream(Replies.comment());
    } else {
      pad();
    }
  }

  private void pad() {
    if (state == State.SILENT) {
      state = State.PADDING;
      closing();
      Replies.beginJson(response.setChunked(true), 200);
    }
    lastWrite = System.nanoTime();
    response.write(" ");
  }

  private void stream(Buffer event) {
    begin();
    lastWrite = System.nanoTime();
    response.write(event);
  }

  private void begin() {
    if (state == State.SILENT) {
      state = State.STREAMING;
      closing();
      Replies.beginStream(response);
    }
  }

  private void end(int status, byte[] message) {
    if (state == State.ENDED) {
      return;
    }
    if (state == State.PADDING) {
      // Its status is told; an error says in its JSON what it is.
      finish(response.end(Buffer.buffer(message)));
    } else if (state == State.SILENT && (accepts.json() || status != 200)) {
      closing();
      finish(Replies.json(response, status, message));
    } else {
      begin();
      finish(response.end(Replies.message(message)));
    }
  }

  private void finish(Future<Void> written) {
    state = State.ENDED;
    written.onComplete(
        done -> {
          sent = true;
          settle();
        });
  }

  /** A connection that outlives a draining origin would only lead its next request astray. */
  private void closing() {
    if (inFlight.draining()) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** Once: a connection may break while the last byte is being written. */
  private void settle() {
    if (sent && !working && !settled) {
      settled = true;
      held.close();
      inFlight.remove(this);
      ended.run();
    }
  }

  /** The media types that a client takes, of the two that there are. */
  record Accepts(boolean json, boolean stream) {
    /** Reads an Accept header; none means anything. */
    static Accepts of(@Nullable String header) {
      if (header == null || header.isBlank()) {
        return new Accepts(true, true);
      }
      boolean json = false;
      boolean stream = false;
      for (String range : header.split(",", -1)) {
        String type = range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        json |=
            type.equals("*/*") || type.equals("application/*") || type.equals("application/json");
        stream |= type.equals("*/*") || type.equals("text/*") || type.equals(Replies.EVENT_STREAM);
      }
      return new Accepts(json, stream);
    }

    boolean none() {
      return !json && !stream;
    }
  }
}
