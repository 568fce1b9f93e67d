package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicLong;

/** A body, as far as it has come, which takes its part of a budget until it is let go. */
final class HeldBody {
  /**
   * Bounds the bytes of all bodies that an edge holds at once; safe for all threads. A quarter is
   * for small bodies only, so that a flood of large ones leaves room for the usual call.
   */
  static final class Budget {
    private static final int SMALL_BYTES = 64 * 1024;
    private static final int SMALL_SHARE = 4;

    private final long limit;
    private final AtomicLong held = new AtomicLong();

    Budget(long limit) {
      this.limit = limit;
    }

    /**
     * Takes {@code bytes} of the budget; false, and nothing taken, when that is more than is left.
     *
     * @param of how long the body is that they are a part of, as far as is known
     */
    boolean take(int bytes, long of) {
      long most = of > SMALL_BYTES ? limit - limit / SMALL_SHARE : limit;
      if (held.addAndGet(bytes) <= most) {
        return true;
      }
      held.addAndGet(-bytes);
      return false;
    }

    void give(int bytes) {
      held.addAndGet(-bytes);
    }

    long held() {
      return held.get();
    }
  }

  private final Budget budget;
  private Buffer bytes = Buffer.buffer();
  private int pieces;

  HeldBody(Budget budget) {
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
