package com.mcpist.edge.proxy.rpc;

import java.util.List;

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
