package com.mcpist.origin.http;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Budget;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * A request's body while it comes in. What its length says it will take has been paid for before
 * the first byte: two bodies that each had half of what they need would both be in vain. Used by
 * the event loop, then by the call's thread.
 */
final class RequestBody {
  /** Of a body whose length is not known: its array grows to the double, and is copied. */
  private static final int COPIES = 3;

  private final Budget.Hold hold;
  private byte[] bytes;
  private int length;
  private long taken;

  /** Of the length that it says it has, for which the hold has paid; 0 where it says none. */
  RequestBody(Budget.Hold hold, int declared) {
    this.hold = hold;
    this.taken = declared;
    this.bytes = new byte[declared];
  }

  int length() {
    return length;
  }

  void add(Buffer piece) throws RefusedException {
    int needed = length + piece.length();
    if (needed > bytes.length) {
      hold.take((long) COPIES * needed - taken);
      taken = (long) COPIES * needed;
      bytes = Arrays.copyOf(bytes, 2 * needed);
    }
    piece.getBytes(bytes, length);
    length = needed;
  }

  /** Gives the whole text away, for which so many bytes remain paid. */
  byte[] handOver() {
    byte[] whole = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    bytes = new byte[0];
    hold.give(taken - length);
    return whole;
  }
}
