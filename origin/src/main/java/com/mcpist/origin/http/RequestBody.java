package com.mcpist.origin.http;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * A request's body while it comes in. What its length says it will take is taken from the budget
 * before the first byte: two bodies that each had half of what they need would both be in vain.
 * Confined to the event loop.
 */
final class RequestBody {
  private static final int FIRST_BYTES = 4 * 1024;

  private final Budget budget;
  private byte[] bytes = new byte[0];
  private int length;
  private long taken;

  enum Fit {
    FITS,
    TOO_LARGE,
    NO_ROOM
  }

  RequestBody(Budget budget) {
    this.budget = budget;
  }

  /** Makes room for a body that says how long it is. */
  Fit expect(long declared) {
    Fit fit = grow(declared);
    if (fit == Fit.FITS) {
      bytes = new byte[(int) declared];
    }
    return fit;
  }

  Fit add(Buffer piece) {
    Fit fit = length + piece.length() <= taken ? Fit.FITS : grow((long) length + piece.length());
    if (fit == Fit.FITS) {
      int needed = length + piece.length();
      if (needed > bytes.length) {
        long doubled =
            Math.clamp(2L * bytes.length, FIRST_BYTES, Math.max(FIRST_BYTES, budget.largest()));
        bytes = Arrays.copyOf(bytes, (int) Math.max(needed, doubled));
      }
      piece.getBytes(bytes, length);
      length = needed;
    }
    return fit;
  }

  private Fit grow(long whole) {
    if (whole > budget.largest()) {
      return Fit.TOO_LARGE;
    }
    if (!budget.take(whole - taken, whole)) {
      return Fit.NO_ROOM;
    }
    taken = whole;
    return Fit.FITS;
  }

  /** Hands over what has come; the room stays taken. */
  byte[] handOver() {
    byte[] whole = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    bytes = new byte[0];
    return whole;
  }

  /** Gives the room back; again, does nothing. */
  void release() {
    budget.give(taken);
    taken = 0;
    bytes = new byte[0];
  }

  /**
   * Bounds the bytes of all request bodies that are in memory at once. A quarter is for small
   * bodies only, so that a flood of large ones leaves room for the usual call.
   */
  static final class Budget {
    private static final int SMALL_BYTES = 64 * 1024;
    private static final int SMALL_SHARE = 4;

    /** As a share of the heap: the rest is for the bodies' trees. */
    private static final int HEAP_SHARE = 8;

    private final int largest;
    private final long limit;
    private long held;

    private Budget(int largest, long limit) {
      this.largest = largest;
      this.limit = limit;
    }

    /** By the size of the heap; no body may have more bytes than the largest. */
    static Budget ofHeap(int largest) {
      return new Budget(
          largest, Math.max(3L * largest, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
    }

    int largest() {
      return largest;
    }

    /**
     * Takes bytes of the budget for a body of this length, as far as is known; false, and nothing
     * taken, when that is more than is left.
     */
    boolean take(long bytes, long of) {
      long most = of > SMALL_BYTES ? limit - limit / SMALL_SHARE : limit;
      if (held + bytes > most) {
        return false;
      }
      held += bytes;
      return true;
    }

    void give(long bytes) {
      held -= bytes;
    }
  }
}
