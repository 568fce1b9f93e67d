package com.mcpist.origin.mount.client;

import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.origin.mcp.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the messages of one mount may take of this process's memory. Each byte is charged before it
 * is kept. A mount, with all its users' copies, reads one large message at a time: so a slow server
 * holds up nobody else's.
 */
public final class Intake {
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

    private TooComplexException(long id) {
      super("It has too many values, levels, or digits of a number", null, false, false);
      this.id = id;
    }

    /** The id of the request that it answers, if it answers one; else 0. */
    long id() {
      return id;
    }
  }

  Charge reading() {
    return budget.reading();
  }

  /** The charge of a message that is made here. */
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
   * Reads the messages of a text: one, or those of a batch. Waits until there is room for them.
   *
   * @throws JacksonException when it is no JSON
   */
  List<Message> messages(byte[] text) throws InterruptedException, TooComplexException {
    Weight weight = Weight.of(text);
    if (weight.isTooComplex()) {
      throw new TooComplexException(weight.id());
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
      throw new TooComplexException(weight.id());
    }
  }
}
