package com.mcpist.edge.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a body or an event's data holds.
 *
 * @param readable whether it is JSON-RPC at all; where it is not, there are no messages
 * @param batch whether it is an array
 * @param messages its messages, in order
 */
public record Payload(boolean readable, boolean batch, List<Message> messages) {
  /** What is no JSON-RPC, or is not to be read. */
  public static final Payload UNREADABLE = new Payload(false, false, List.of());

  /**
   * One JSON-RPC message, as far as an edge cares.
   *
   * @param id its id as JSON text, a string or a number; null where it has none
   * @param method its method; null in a response
   * @param name {@code params.name}: the tool of a tools/call
   * @param progressToken {@code params.progressToken} as JSON text, of a progress notification
   * @param progress {@code params.progress}, of a progress notification
   */
  public record Message(
      @Nullable String id,
      @Nullable String method,
      @Nullable String name,
      @Nullable String progressToken,
      double progress) {

    /** Whether it asks for a response. */
    public boolean isRequest() {
      return id != null && method != null;
    }

    /** Whether it answers a request. */
    public boolean isResponse() {
      return id != null && method == null;
    }

    /** Whether it tells the progress of a request. */
    public boolean isProgress() {
      return "notifications/progress".equals(method) && progressToken != null;
    }
  }

  /** Copies the messages. */
  public Payload {
    messages = List.copyOf(messages);
  }

  /** The messages that ask for a response. */
  public List<Message> requests() {
    return messages.stream().filter(Message::isRequest).toList();
  }

  /** Whether one of the messages has the method. */
  public boolean has(String method) {
    return messages.stream().anyMatch(message -> method.equals(message.method()));
  }
}
