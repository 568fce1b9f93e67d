package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import com.mcpist.origin.mount.client.MountException.Kind;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request that was sent, or is about to be: what comes for it waits here for the thread that made
 * the request.
 */
final class Flight {
  private static final Duration LOOK = Duration.ofMillis(250);

  /** Of those that wait to be told; the rest is dropped. */
  private static final int MOST_NOTICES = 256;

  sealed interface Event {
    record Progress(ObjectNode params) implements Event {}

    record Log(ObjectNode params) implements Event {}

    /** What is replied is a whole message. */
    record Question(JsonNode id, String method, ObjectNode params, Reply reply) implements Event {}

    record Answer(ObjectNode message) implements Event {}

    record Broken(MountException why) implements Event {}
  }

  /** Sends an answer to a question of the server. */
  interface Reply {
    void send(ObjectNode message) throws MountException, InterruptedException;
  }

  /** Of a request of our own, which belongs to no call. */
  static final Listener NOBODY =
      new Listener() {
        @Override
        public void progress(ObjectNode params) {}

        @Override
        public void log(ObjectNode params) {}

        @Override
        public ObjectNode ask(String method, ObjectNode params) throws MountException {
          throw MountException.answered(Wire.METHOD_NOT_FOUND, "There is nobody to ask");
        }

        @Override
        public Claim claim() {
          return Claim.NOT_NEEDED;
        }

        @Override
        public boolean cancelled() {
          return false;
        }
      };

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final String method;
  private final Listener listener;
  private volatile boolean answered;

  Flight(String method, Listener listener) {
    this.method = method;
    this.listener = listener;
  }

  /** Whether it is somebody's call. */
  boolean isCall() {
    return listener != NOBODY;
  }

  /** Whether what the server says meanwhile may be of this call: a list is nobody's. */
  boolean mayAsk() {
    return isCall() && !method.endsWith("/list");
  }

  boolean isAnswered() {
    return answered;
  }

  void offer(Event event) {
    boolean notice = event instanceof Event.Progress || event instanceof Event.Log;
    if (!notice || events.size() < MOST_NOTICES) {
      answered |= event instanceof Event.Answer;
      events.add(event);
    }
  }

  /** The result; a MountException of kind ANSWERED is an answer, any other is none. */
  ObjectNode await(long deadline) throws MountException, InterruptedException {
    long until = deadline;
    while (true) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        throw MountException.unknown("it has not answered in time");
      }
      if (listener.cancelled()) {
        throw MountException.unknown("the call was cancelled");
      }
      switch (events.poll(Math.min(left, LOOK.toNanos()), TimeUnit.NANOSECONDS)) {
        case null -> {} // Looked around.
        case Event.Progress(ObjectNode params) -> listener.progress(params);
        case Event.Log(ObjectNode params) -> listener.log(params);
        case Event.Question question -> {
          long asked = System.nanoTime();
          answer(question);
          until += System.nanoTime() - asked;
        }
        case Event.Answer(ObjectNode message) -> {
          return result(message);
        }
        case Event.Broken(MountException why) -> throw why;
      }
    }
  }

  private void answer(Event.Question question) throws MountException, InterruptedException {
    ObjectNode reply;
    try {
      reply = Wire.result(question.id(), listener.ask(question.method(), question.params()));
    } catch (MountException e) {
      if (e.kind() != Kind.ANSWERED) {
        throw e;
      }
      reply = Wire.error(question.id(), e.code(), e.getMessage());
    }
    question.reply().send(reply);
  }

  private static ObjectNode result(ObjectNode message) throws MountException {
    @Nullable JsonNode result = message.get("result");
    if (result instanceof ObjectNode object) {
      return object;
    }
    throw message.get("error") instanceof ObjectNode error
        ? MountException.answered(error)
        : MountException.answered(Wire.INTERNAL_ERROR, "The server's answer has no result");
  }
}
