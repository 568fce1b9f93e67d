package com.mcpist.origin.http;

import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Exchange;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * A request's body while it comes in. What its length says it will take is paid for before the
 * first byte: two bodies that each had half of what they need would both be in vain. Used by the
 * event loop, then by the call's thread.
 */
final class RequestBody implements Exchange.Body {
  private static final int FIRST_BYTES = 4 * 1024;

  /** Of a body whose length is not known: its array grows to the double, and is copied. */
  private static final int COPIES = 3;

  private final Budget.Hold hold;
  private final int largest;
  private byte[] bytes = new byte[0];
  private int length;
  private int room;
  private long taken;

  RequestBody(Budget.Hold hold, int largest) {
    this.hold = hold;
    this.largest = largest;
  }

  /** Makes room for a body that says how long it is; false where that is too long. */
  boolean expect(long declared) throws RefusedException {
    if (declared > largest) {
      return false;
    }
    room = (int) declared;
    take(declared);
    bytes = new byte[room];
    return true;
  }

  /** False where the body has become too long. */
  boolean add(Buffer piece) throws RefusedException {
    int needed = length + piece.length();
    if (needed > largest) {
      return false;
    }
    if (needed > room) {
      take((long) COPIES * needed);
      room = needed;
    }
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.clamp(2L * needed, FIRST_BYTES, largest));
    }
    piece.getBytes(bytes, length);
    length = needed;
    return true;
  }

  private void take(long whole) throws RefusedException {
    hold.take(whole - taken);
    taken = whole;
  }

  @Override
  public byte[] handOver() {
    byte[] whole = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    bytes = new byte[0];
    return whole;
  }

  @Override
  public void close() {
    hold.give(taken);
    taken = 0;
  }
}
