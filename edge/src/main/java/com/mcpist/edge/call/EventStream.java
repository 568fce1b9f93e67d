package com.mcpist.edge.call;

import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.EventReader;
import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.EventReader.TooLongException;
import com.mcpist.edge.wire.Payload;
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
  Receiver events(Client.Head head) {
    if (head.attempts() > 1) {
      String attempt = ": attempt " + head.attempts() + ", " + head.origin().name() + "\n\n";
      client.write(Buffer.buffer(attempt));
    }
    parts++;
    return new Part(parts > 1);
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
    events.forEach(client::write);
    client.end();
    return true;
  }

  /** Whether a stream that breaks off here has told its client everything it could. */
  boolean mayBreakOff() {
    return listens || continuation.answered();
  }

  private final class Part implements Receiver {
    private final boolean again;
    private final EventReader reader = new EventReader(MAX_EVENT_BYTES);

    Part(boolean again) {
      this.again = again;
    }

    @Override
    public Taken take(Buffer piece) {
      try {
        Buffer passed = Buffer.buffer();
        for (Event event : reader.read(piece)) {
          if (continuation.pass(event, again)) {
            passed.appendBuffer(event.bytes());
          }
        }
        return passed.length() == 0 || client.write(passed) ? Taken.READY : Taken.FULL;
      } catch (TooLongException e) {
        return Taken.UNUSABLE;
      }
    }

    @Override
    public Whole whole() {
      // A client that was given ids of events can ask the same server for the rest.
      if (mayBreakOff() || continuation.resumable()) {
        client.end();
        return Whole.ANSWER;
      }
      return Whole.NO_ANSWER;
    }

    @Override
    public boolean lasts() {
      return listens;
    }
  }
}
