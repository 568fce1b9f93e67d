package com.mcpist.edge.proxy;

import com.mcpist.edge.proxy.rpc.CallError;
import com.mcpist.edge.proxy.rpc.Payload;
import com.mcpist.edge.proxy.sse.Event;
import com.mcpist.edge.proxy.sse.EventReader;
import com.mcpist.edge.proxy.sse.EventTooLongException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;

/**
 * The event stream of one call as its client sees it: one, whichever attempts its events come from.
 * Only whole events pass.
 */
final class EventStream {
  private static final int OK = 200;
  private static final int MAX_EVENT_BYTES = 8 * 1024 * 1024;

  private final Client client;
  private final Continuation continuation;
  private final boolean listens;
  private int parts;

  /**
   * Creates the stream; the client has its head.
   *
   * @param listens whether it lasts until something ends it, with no response to wait for
   */
  EventStream(Client client, Payload request, boolean listens) {
    this.client = client;
    this.continuation = new Continuation(request);
    this.listens = listens;
  }

  /** Whether a response is a stream of events that the edge can read. */
  static boolean is(HttpClientResponse head) {
    String type = head.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null
        && head.statusCode() == OK
        && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")
        && head.getHeader(HttpHeaders.CONTENT_ENCODING) == null;
  }

  /** For the events of one attempt. */
  Receiver attempt(Call call, Attempt from) {
    if (from.number() > 1) {
      client.write(
          Buffer.buffer(": attempt " + from.number() + ", " + from.origin().name() + "\n\n"),
          from::resume);
    }
    parts++;
    return new Part(call, from, parts > 1);
  }

  /** Ends it with a JSON answer of a later attempt; false when that has no response in it. */
  boolean end(Buffer answer) {
    List<Buffer> events = continuation.events(answer);
    return !events.isEmpty() && end(events);
  }

  /** Ends it with an error for each request that is not answered. */
  void end(CallError error) {
    end(continuation.events(error));
  }

  private boolean end(List<Buffer> events) {
    events.forEach(event -> client.write(event, () -> {}));
    client.end();
    return true;
  }

  /** Whether a stream that breaks off here has told its client everything it could. */
  boolean mayBreakOff() {
    return listens || continuation.answered();
  }

  private final class Part implements Receiver {
    private final Call call;
    private final Attempt from;
    private final boolean again;
    private final EventReader reader = new EventReader(MAX_EVENT_BYTES);

    Part(Call call, Attempt from, boolean again) {
      this.call = call;
      this.from = from;
      this.again = again;
    }

    @Override
    public void take(Buffer piece) {
      try {
        Buffer passed = Buffer.buffer();
        for (Event event : reader.read(piece)) {
          if (continuation.pass(event, again)) {
            passed.appendBuffer(event.bytes());
          }
        }
        if (passed.length() > 0 && client.write(passed, from::resume)) {
          from.pause();
        }
      } catch (EventTooLongException tooLong) {
        call.refused(from);
      }
    }

    @Override
    public boolean whole() {
      // A client that was given ids of events can ask the same server for the rest.
      boolean ends = mayBreakOff() || continuation.resumable();
      if (ends) {
        client.end();
      }
      return ends;
    }

    @Override
    public void dropped() {}
  }
}
