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

  private final BodyBudget budget;
  private final int most;
  private byte[] bytes = new byte[0];
  private int length;
  private long taken;

  /** What came of a piece. */
  enum Fit {
    FITS,
    TOO_LARGE,
    NO_ROOM
  }

  /**
   * Begins.
   *
   * @param most bytes of one body
   */
  RequestBody(BodyBudget budget, int most) {
    this.budget = budget;
    this.most = most;
  }

  /** Makes room for a body that says how long it is. */
  Fit expect(long declared) {
    Fit fit = grow(declared);
    if (fit == Fit.FITS) {
      bytes = new byte[(int) declared];
    }
    return fit;
  }

  /** Adds a piece. */
  Fit add(Buffer piece) {
    Fit fit = length + piece.length() <= taken ? Fit.FITS : grow((long) length + piece.length());
    if (fit == Fit.FITS) {
      int needed = length + piece.length();
      if (needed > bytes.length) {
        long doubled = Math.clamp(2L * bytes.length, FIRST_BYTES, Math.max(FIRST_BYTES, most));
        bytes = Arrays.copyOf(bytes, (int) Math.max(needed, doubled));
      }
      piece.getBytes(bytes, length);
      length = needed;
    }
    return fit;
  }

  private Fit grow(long whole) {
    if (whole > most) {
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
}
