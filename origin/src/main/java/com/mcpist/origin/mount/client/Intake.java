package com.mcpist.origin.mount.client;

import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.origin.mcp.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.node.ObjectNode;

/**
 * The intake charges the messages of one mount to this process's memory. Each byte is charged
 * before it is kept. A mount, with all its users' copies, reads one large message at a time, so
 * that a slow server does not hold up the servers of other mounts.
 */
public final class Intake {
  /**
   * The bytes of memory that it takes to read a byte of a message: the message is read into a
   * buffer that grows, and is copied from there.
   */
  private static final int COPIES = 3;

  private final Budget budget;
  private final Semaphore place = new Semaphore(1, true);

  public Intake(Budget budget) {
    this.budget = budget;
  }

  /** A message and its charge, which whoever takes the message closes. */
  record Message(ObjectNode json, Charge charge) {}

  /** A message that has too many values or levels, or too long a number. */
  static final class TooComplexException extends Exception {
    private static final long serialVersionUID = 1L;
    private final long id;
    private final long bytes;

    private TooComplexException(long id, byte[] text) {
      super("It has too many values, levels, or digits of a number", null, false, false);
      this.id = id;
      this.bytes = (long) COPIES * text.length;
    }

    /** Returns the id of the request that the message answers, or 0 if it answers none. */
    long id() {
      return id;
    }

    /** Returns the bytes of memory that it took to read the message, which has no tree. */
    long bytes() {
      return bytes;
    }
  }

  /**
   * Hands messages over, one after the other. If the one who takes them throws, the charges of that
   * message and of all messages after it are closed.
   */
  static void each(List<Message> messages, Consumer<Message> taker) {
    int taken = 0;
    try {
      for (; taken < messages.size(); taken++) {
        taker.accept(messages.get(taken));
      }
    } finally {
      drop(messages.subList(taken, messages.size()));
    }
  }

  /** Closes the charges of messages that nobody takes. */
  static void drop(List<Message> messages) {
    messages.forEach(message -> message.charge().close());
  }

  Charge reading() {
    return budget.reading();
  }

  /** Returns the charge of a message that is made here, which has no bytes. */
  Charge nothing() {
    return budget.answer();
  }

  /** Waits for the mount's place to read a large message. */
  void enter() throws InterruptedException {
    place.acquire();
  }

  void leave() {
    place.release();
  }

  /**
   * Reads the messages of a text: one message, or those of a batch. The method waits until there is
   * room for them.
   *
   * @throws JacksonException if the text is no JSON
   */
  List<Message> messages(byte[] text) throws InterruptedException, TooComplexException {
    Weight weight = Weight.of(text);
    if (weight.isTooComplex()) {
      throw new TooComplexException(weight.id(), text);
    }
    try (Charge whole = budget.answer()) {
      whole.become(weight.bytes());
      List<ObjectNode> trees = Wire.messages(text);
      long each = weight.bytes() / Math.max(1, trees.size());
      List<Message> messages = new ArrayList<>();
      for (ObjectNode tree : trees) {
        messages.add(new Message(tree, whole.split(each)));
      }
      return messages;
    } catch (StreamConstraintsException e) {
      throw new TooComplexException(weight.id(), text);
    }
  }
}
