package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;

/** A body, as far as it has come, which takes its part of the budget until it is let go. */
final class HeldBody {
  private final BodyBudget budget;
  private Buffer bytes = Buffer.buffer();
  private int pieces;

  HeldBody(BodyBudget budget) {
    this.budget = budget;
  }

  /**
   * Adds a piece.
   *
   * @param of how long the whole body is, as far as is known
   * @return false, and nothing added, when there is no room for it
   */
  boolean add(Buffer piece, long of) {
    if (!budget.take(piece.length(), of)) {
      return false;
    }
    pieces++;
    // The usual body is one piece, which is then not copied.
    bytes = pieces == 1 ? piece : (pieces == 2 ? bytes.copy() : bytes).appendBuffer(piece);
    return true;
  }

  Buffer bytes() {
    return bytes;
  }

  int length() {
    return bytes.length();
  }

  /** Holds nothing from here on. */
  void letGo() {
    budget.give(bytes.length());
    bytes = Buffer.buffer();
    pieces = 0;
  }
}
