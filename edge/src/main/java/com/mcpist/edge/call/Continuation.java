package com.mcpist.edge.call;

import com.mcpist.edge.wire.CallError;
import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import com.mcpist.edge.wire.PayloadReader;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a client has been told on the event stream of one call, so that the next attempt's answer
 * can go on from there. Pure.
 */
final class Continuation {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final boolean readable;
  private final Map<String, Message> unanswered = new LinkedHashMap<>();
  private final Map<String, Double> progress = new HashMap<>();
  private boolean resumable;

  Continuation(Payload request) {
    readable = request.readable();
    for (Message message : request.requests()) {
      unanswered.put(String.valueOf(message.id()), message);
    }
  }

  /**
   * Notes what the event tells.
   *
   * @param again whether an earlier attempt's stream has been passed on before
   * @return whether it is to be passed on: it tells nothing that was told before
   */
  boolean pass(Event event, boolean again) {
    resumable |= event.id() != null;
    if (event.data() == null || event.data().isEmpty()) {
      return true;
    }
    boolean news = false;
    List<Message> messages = PayloadReader.read(event.data()).messages();
    for (Message message : messages) {
      news |= note(message) || !again;
    }
    return news || messages.isEmpty();
  }

  private boolean note(Message message) {
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

  /** Whether every request has its response, so that the stream may end here. */
  boolean answered() {
    return readable && unanswered.isEmpty();
  }

  /** Whether the client can ask for the rest itself: its origin gave events ids. */
  boolean resumable() {
    return resumable;
  }

  /**
   * A JSON answer as events: those of its responses that the client does not have yet.
   *
   * @param body an attempt's whole JSON body
   * @return empty when it answers none of the requests
   */
  List<Buffer> events(Buffer body) {
    if (!PayloadReader.read(body.getBytes()).readable()) {
      return List.of();
    }
    JsonNode answer = JSON.readTree(body.getBytes());
    List<Buffer> events = new ArrayList<>();
    for (JsonNode response : answer.isArray() ? answer.values() : List.of(answer)) {
      String text = JSON.writeValueAsString(response);
      if (PayloadReader.read(text).messages().stream().anyMatch(m -> m.isResponse() && note(m))) {
        events.add(event(text));
      }
    }
    return events;
  }

  /** The error, once for each request that has no response. */
  List<Buffer> events(CallError error) {
    if (!readable) {
      return List.of(event(error.answer(Payload.UNREADABLE)));
    }
    List<Buffer> events =
        unanswered.values().stream().map(request -> event(error.error(request))).toList();
    unanswered.clear();
    return events;
  }

  private static Buffer event(String json) {
    return Buffer.buffer("event: message\ndata: " + json + "\n\n");
  }
}
