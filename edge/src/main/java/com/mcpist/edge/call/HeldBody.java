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

    /** False if too few bytes are left, and takes none; {@code of}: the whole body's length. */
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

  /** False, and nothing added: there is no room; {@code of}: the length of the whole, if known. */
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

  void letGo() {
    budget.give(bytes.length());
    bytes = Buffer.buffer();
    pieces = 0;
  }
}
