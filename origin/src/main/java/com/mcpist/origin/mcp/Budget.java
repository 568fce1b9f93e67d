package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * What this process holds for calls, in bytes of the heap: their heads and text, their trees, their
 * results, and answers until they are sent. Each is paid for before it is made.
 *
 * <p>A user may hold no more than is left free for others: one alone half of it, two a third each,
 * so that whoever comes next finds room. The last quarter is for small calls and for answers.
 */
public final class Budget {
  /**
   * Of the heap. The rest is for the process itself, and for the buffers of one large text that is
   * being parsed, six times its size.
   */
  private static final int EIGHTHS = 3;

  /** What a call has beside its parts: its thread, its connection's buffers, a small answer. */
  private static final int CALL = 32 * 1024;

  /** What needs not be paid for besides. */
  static final int SMALL_ANSWER = 4 * 1024;

  private static final int SMALL = 128 * 1024;
  private static final int RESERVE = 4;

  /** An answer waits so long for others to be sent. */
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  // What Java's objects take, with what a container's growth leaves behind.
  static final int OBJECT = 160;
  static final int ARRAY = 96;
  static final int ELEMENT = 12;
  static final int NUMBER = 24;
  static final int BIG_NUMBER = 112;
  private static final int PROPERTY = 88;
  private static final int STRING = 56;

  private final long limit;
  private final Map<String, Long> users = new HashMap<>();
  private long held;

  Budget(long limit) {
    this.limit = limit;
  }

  public static Budget ofHeap() {
    return new Budget(Runtime.getRuntime().maxMemory() / 8 * EIGHTHS);
  }

  /** For a call whose head has so many headers, with so many characters. */
  public Hold hold(String user, int headers, long characters) throws RefusedException {
    long head = CALL + 2L * PROPERTY * headers + 2 * characters;
    Hold hold = new Hold(user, head);
    hold.take(head);
    return hold;
  }

  static int string(int length) {
    return STRING + 2 * length;
  }

  static int property(int length) {
    return PROPERTY + 2 * length;
  }

  /** What a tree takes. */
  static long size(JsonNode node) {
    long size =
        switch (node.getNodeType()) {
          case OBJECT -> OBJECT;
          case ARRAY -> ARRAY;
          case NUMBER -> node.isBigInteger() || node.isBigDecimal() ? BIG_NUMBER : NUMBER;
          case STRING -> string(node.stringValue().length());
          default -> 0;
        };
    if (node.isObject()) {
      for (var property : node.properties()) {
        size += property(property.getKey().length()) + size(property.getValue());
      }
    } else {
      for (JsonNode element : node) {
        size += ELEMENT + size(element);
      }
    }
    return size;
  }

  private enum Fit {
    FITS,
    SHARE_IS_USED,
    ALL_IS_USED
  }

  /** What one call holds. Used by any thread, closed when its answer has been sent. */
  public final class Hold implements AutoCloseable {
    private final String user;
    private final long head;
    private long mine;

    private Hold(String user, long head) {
      this.user = user;
      this.head = head;
    }

    /** For a request, of which nothing has been run. Throws RefusedException: there is no room. */
    public void take(long bytes) throws RefusedException {
      synchronized (Budget.this) {
        refuse(fit(bytes, mine + bytes <= SMALL));
        add(bytes);
      }
    }

    /** For a result or an answer: waits a little. Throws RefusedException: there is no room. */
    void await(long bytes) throws RefusedException, InterruptedException {
      long end = System.nanoTime() + WAIT_NANOS;
      synchronized (Budget.this) {
        Fit fit = fit(bytes, true);
        long left = WAIT_NANOS;
        while (fit != Fit.FITS && left > 0) {
          TimeUnit.NANOSECONDS.timedWait(Budget.this, left);
          fit = fit(bytes, true);
          left = end - System.nanoTime();
        }
        refuse(fit);
        add(bytes);
      }
    }

    /** For a tool's result, as {@link #await}; one that cannot be undone is never refused. */
    void result(long bytes, boolean undone) throws RefusedException, InterruptedException {
      if (undone && bytes > SMALL_ANSWER) {
        await(bytes);
      } else {
        synchronized (Budget.this) {
          add(bytes);
        }
      }
    }

    public void give(long bytes) {
      synchronized (Budget.this) {
        keep(mine - bytes);
      }
    }

    /** For a stream that is held open: its request is done. */
    public void keepHead() {
      synchronized (Budget.this) {
        keep(Math.min(mine, head));
      }
    }

    @Override
    public void close() {
      synchronized (Budget.this) {
        keep(0);
      }
    }

    private void keep(long bytes) {
      add(bytes - mine);
      Budget.this.notifyAll();
    }

    private Fit fit(long bytes, boolean small) {
      long free = limit - held - bytes;
      long reserve = limit / RESERVE;
      if (free < (small ? 0 : reserve)) {
        return Fit.ALL_IS_USED;
      }
      long ofUser = users.getOrDefault(user, 0L) + bytes;
      return ofUser <= free + (small ? reserve : 0) ? Fit.FITS : Fit.SHARE_IS_USED;
    }

    private void add(long bytes) {
      mine += bytes;
      held += bytes;
      users.merge(user, bytes, (a, b) -> a + b == 0 ? null : a + b);
    }

    private static void refuse(Fit fit) throws RefusedException {
      switch (fit) {
        case FITS -> {}
        case SHARE_IS_USED ->
            throw new RefusedException(
                429,
                "rate_limited",
                "Your calls hold as much memory as they may. Send this one again when one has"
                    + " ended.",
                Map.of("Retry-After", "1"));
        case ALL_IS_USED ->
            // Tells an edge that another origin may have room, and that this one is well.
            throw new RefusedException(
                503,
                "overloaded",
                "Too many large requests at once: send it again.",
                Map.of("X-Not-Run", "overloaded", "Retry-After", "1"));
      }
    }
  }

  /** What is held now. */
  public synchronized long held() {
    return held;
  }
}
