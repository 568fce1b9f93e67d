package com.mcpist.edge.call;

import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.EventReader;
import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.EventReader.TooLongException;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The event stream of one call as its client sees it. It is one stream, whichever attempts its
 * events come from. Only whole events are passed on. The stream knows what the client has been
 * told, so that the next attempt's answer can go on from there.
 */
final class EventStream {
  private static final int MAX_EVENT_BYTES = 8 * 1024 * 1024;

  private final Client client;
  private final boolean listens;
  private final boolean resumes;
  private final boolean readable;
  private final Map<String, Message> unanswered = new LinkedHashMap<>();
  private final Map<String, Double> progress = new HashMap<>();
  private boolean begun;

  /**
   * True if the last event with an id has an id by which the client can itself ask for the rest.
   */
  private boolean resumable;

  /**
   * @param listens true if the stream lasts until something ends it, with no response to wait for
   * @param resumes true if the client's revision of MCP has the client ask for the rest of a stream
   *     that ends without a response
   */
  EventStream(Client client, Payload request, boolean listens, boolean resumes) {
    this.client = client;
    this.listens = listens;
    this.resumes = resumes;
    this.readable = request.readable();
    for (Message message : request.requests()) {
      unanswered.put(String.valueOf(message.id()), message);
    }
  }

  /** Returns true if a response is a stream of events that the edge can read. */
  static boolean is(HttpClientResponse head) {
    String type = head.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null
        && head.statusCode() == 200
        && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")
        && head.getHeader(HttpHeaders.CONTENT_ENCODING) == null;
  }

  /**
   * Returns the receiver of an attempt's events. {@code held} holds room for an event until the
   * event is whole.
   */
  Receiver events(Client.Head head, HeldBody held) {
    if (head.attempts() > 1) {
      String attempt = ": attempt " + head.attempts() + ", " + head.origin().name() + "\n\n";
      client.write(Buffer.buffer(attempt));
    }
    Receiver part = new Part(begun, held);
    begun = true;
    return part;
  }

  private final class Part extends Receiver {
    /** True if an earlier attempt's stream has been passed on before. */
    private final boolean again;

    private final EventReader reader = new EventReader(MAX_EVENT_BYTES);
    private final HeldBody held;

    Part(boolean again, HeldBody held) {
      this.again = again;
      this.held = held;
    }

    @Override
    Taken take(Buffer piece) {
      try {
        List<Event> events = reader.read(piece);
        long whole = events.stream().mapToLong(event -> event.bytes().length()).sum();
        // Events that wait for a slow client stay held until there is room for the next piece.
        if (held.hold(reader.held() + whole) != HeldBody.Room.TAKEN) {
          return Taken.NO_ROOM;
        }
        Buffer passed = Buffer.buffer();
        for (Event event : events) {
          if (passes(event, again)) {
            passed.appendBuffer(event.bytes());
          }
        }
        if (passed.length() > 0 && !client.write(passed)) {
          return Taken.FULL;
        }
        held.hold(reader.held());
        return Taken.READY;
      } catch (TooLongException e) {
        return Taken.UNUSABLE;
      }
    }

    @Override
    Whole whole() {
      held.letGo();
      if (mayBreakOff() || (resumes && resumable)) {
        client.end();
        return Whole.ANSWER;
      }
      return Whole.NO_ANSWER;
    }

    @Override
    void dropped() {
      held.letGo();
    }

    @Override
    boolean lasts() {
      return listens;
    }
  }

  /**
   * Returns true if an event tells something that the client was not told before. Notes what the
   * event tells.
   */
  private boolean passes(Event event, boolean again) {
    if (event.id() != null) {
      resumable = !event.id().isEmpty();
    }
    if (event.data() == null || event.data().isEmpty()) {
      return true;
    }
    boolean news = false;
    List<Message> messages = Payload.read(event.data()).messages();
    for (Message message : messages) {
      news |= isNews(message) || !again;
    }
    return news || messages.isEmpty();
  }

  private boolean isNews(Message message) {
    if (message.isResponse()) {
      return unanswered.remove(String.valueOf(message.id())) != null;
    }
    if (!message.isProgress()) {
      return true;
    }
    String token = String.valueOf(message.progressToken());
    Double last = progress.get(token);
    if (last != null && message.progress() <= last) {
      return false;
    }
    progress.put(token, message.progress());
    return true;
  }

  /** Returns true if a stream that breaks off here has told its client all that it could. */
  boolean mayBreakOff() {
    return listens || (readable && unanswered.isEmpty());
  }

  /**
   * Ends the stream with a later attempt's whole JSON answer. The responses that the client does
   * not have yet are sent as events. Returns false, and does nothing, if there is no such response.
   */
  boolean end(Buffer answer) {
    byte[] body = answer.getBytes();
    if (!Payload.read(body).readable()) {
      return false;
    }
    List<String> responses = new ArrayList<>();
    for (String text : Payload.split(body)) {
      if (Payload.read(text).messages().stream().anyMatch(m -> m.isResponse() && isNews(m))) {
        responses.add(text);
      }
    }
    if (responses.isEmpty()) {
      return false;
    }
    end(responses);
    return true;
  }

  /** Ends the stream with an error for each request that is not answered. */
  void end(CallError error) {
    end(
        readable
            ? unanswered.values().stream().map(error::error).toList()
            : List.of(error.answer(Payload.UNREADABLE)));
  }

  private void end(List<String> messages) {
    for (String json : messages) {
      client.write(Buffer.buffer("event: message\ndata: " + json + "\n\n"));
    }
    client.end();
  }
}
