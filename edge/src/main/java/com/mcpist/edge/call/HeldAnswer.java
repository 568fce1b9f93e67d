package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Holds an answer until it is whole. An answer that is longer than the edge holds, or than it has
 * room for now, is passed on as it comes. If such an answer breaks off, the client's answer breaks
 * off, too.
 */
final class HeldAnswer extends Receiver {
  private static final int MAX_BYTES = 8 * 1024 * 1024;

  private final Client client;
  private final @Nullable EventStream stream;
  private final Client.Head head;
  private final HeldBody held;
  private boolean passesOn;

  /**
   * Creates a receiver. {@code stream} is the event stream that the client reads already; null if
   * the client has nothing yet.
   */
  HeldAnswer(Client client, @Nullable EventStream stream, Client.Head head, HeldBody held) {
    this.client = client;
    this.stream = stream;
    this.head = head;
    this.held = held;
  }

  @Override
  Taken take(Buffer piece) {
    if (passesOn) {
      // The client has read the beginning, since the next piece has come.
      held.letGo();
      return client.passOn(piece) ? Taken.READY : Taken.FULL;
    }
    int length = held.length() + piece.length();
    if (length <= MAX_BYTES && held.add(piece, length) == HeldBody.Room.TAKEN) {
      return Taken.READY;
    }
    if (stream != null) {
      // The client reads events, and an answer that is not held whole cannot become an event.
      return length <= MAX_BYTES ? Taken.NO_ROOM : Taken.UNUSABLE;
    }
    passesOn = true;
    Buffer beginning = held.bytes().copy().appendBuffer(piece);
    Taken taken = client.begin(head, beginning) ? Taken.READY : Taken.FULL;
    if (taken == Taken.READY) {
      held.letGo();
    }
    return taken;
  }

  @Override
  Whole whole() {
    if (passesOn) {
      held.letGo();
      client.end();
      return Whole.ANSWER;
    }
    if (stream == null) {
      client.answer(head, held.bytes()).onComplete(_ -> held.letGo());
      return Whole.ANSWER;
    }
    boolean answers = stream.end(held.bytes());
    held.letGo();
    return answers ? Whole.ANSWER : Whole.UNUSABLE;
  }

  @Override
  void dropped() {
    held.letGo();
  }
}
