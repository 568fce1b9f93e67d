package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import com.mcpist.origin.mcp.Budget.Charge;
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

  /** Notices that wait to be told, and their bytes; the rest is dropped. */
  private static final int MOST_NOTICES = 256;

  private static final long MOST_NOTICE_BYTES = 1024 * 1024;

  /** Questions that wait to be asked; the rest is refused. */
  private static final int MOST_QUESTIONS = 8;

  /**
   * An event is something that comes for a request. Its charge is closed when the event has been
   * dealt with, or dropped.
   */
  sealed interface Event {
    record Progress(ObjectNode params, Charge charge) implements Event {}

    record Log(ObjectNode params, Charge charge) implements Event {}

    /** A question of the server to the client. The reply to it is a whole message. */
    record Question(JsonNode id, String method, ObjectNode params, Reply reply, Charge charge)
        implements Event {}

    /**
     * The answer to the request.
     *
     * @param read the bytes of memory that it took to read what the server sent
     */
    record Answer(ObjectNode message, Charge charge, long read) implements Event {}

    record Broken(MountException why) implements Event {}
  }

  /** Sends an answer to a request of the server. */
  interface Reply {
    /**
     * Sends the answer while the claim holds: the server may act when it has the answer. Throws
     * MountException of kind NOT_SENT if the server does not have the whole answer.
     */
    void send(ObjectNode message, Claim claim) throws MountException, InterruptedException;

    /** Sends an answer that belongs to no call. */
    default void send(ObjectNode message) throws MountException, InterruptedException {
      send(message, Claim.NOT_NEEDED);
    }
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
  private volatile boolean sent;
  private volatile long sentAt;
  private volatile boolean answered;
  private boolean ended;

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

  /** Says that the server has the whole request. */
  void sent() {
    sentAt = System.nanoTime();
    sent = true;
  }

  /**
   * Returns true if the server has had the whole request for less than this time, and has not
   * answered it.
   */
  boolean isAtWork(Duration longest) {
    return sent && !answered && System.nanoTime() - sentAt < longest.toNanos();
  }

  boolean isAnswered() {
    return answered;
  }

  /**
   * Takes what has come, unless there is too much of it, or nobody waits any more. The charge of
   * what is not taken is closed, except that of a question: the caller refuses the question, and
   * closes its charge then.
   *
   * @return whether it was taken
   */
  synchronized boolean offer(Event event) {
    boolean taken =
        !ended
            && switch (event) {
              case Event.Progress(_, Charge charge) -> isNoticed(charge);
              case Event.Log(_, Charge charge) -> isNoticed(charge);
              case Event.Question _ ->
                  events.stream().filter(Event.Question.class::isInstance).count() < MOST_QUESTIONS;
              case Event.Answer _ -> !answered;
              case Event.Broken _ -> true;
            };
    if (taken) {
      answered |= event instanceof Event.Answer;
      events.add(event);
    } else if (!(event instanceof Event.Question)) {
      close(event);
    }
    return taken;
  }

  private boolean isNoticed(Charge more) {
    long bytes = 0;
    int notices = 0;
    for (Event each : events) {
      Charge charge = notice(each);
      bytes += charge == null ? 0 : charge.bytes();
      notices += charge == null ? 0 : 1;
    }
    return notices < MOST_NOTICES && bytes + more.bytes() <= MOST_NOTICE_BYTES;
  }

  private static @Nullable Charge notice(Event event) {
    return switch (event) {
      case Event.Progress(_, Charge charge) -> charge;
      case Event.Log(_, Charge charge) -> charge;
      default -> null;
    };
  }

  private static void close(Event event) {
    switch (event) {
      case Event.Progress(_, Charge charge) -> charge.close();
      case Event.Log(_, Charge charge) -> charge.close();
      case Event.Question question -> question.charge().close();
      case Event.Answer(_, Charge charge, _) -> charge.close();
      case Event.Broken _ -> {}
    }
  }

  /** Nobody waits any more: drops what has come, and all that still comes. */
  synchronized void end() {
    ended = true;
    for (Event event = events.poll(); event != null; event = events.poll()) {
      close(event);
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
        case Event.Progress(ObjectNode params, Charge charge) -> {
          try (charge) {
            listener.progress(params);
          }
        }
        case Event.Log(ObjectNode params, Charge charge) -> {
          try (charge) {
            listener.log(params);
          }
        }
        case Event.Question question -> {
          long asked = System.nanoTime();
          try (Charge _ = question.charge()) {
            answer(question);
          }
          until += System.nanoTime() - asked;
        }
        case Event.Answer(ObjectNode message, Charge charge, long read) -> {
          listener.costs(read);
          listener.holds(charge);
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
    try {
      question.reply().send(reply, listener.claim());
    } catch (MountException e) {
      // Even if the server lacks the answer to its question, it has had the request itself.
      throw e.kind() == Kind.NOT_SENT
          ? MountException.unknown("it did not get the answer to its question: " + e.getMessage())
          : e;
    }
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
