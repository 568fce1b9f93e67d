package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * What this process holds for calls, in bytes of the heap: their heads and text, their trees, their
 * results until they are sent. Each is paid for before it is made.
 *
 * <p>A user may hold no more than is left free for others: one alone half of it, two a third each,
 * so that whoever comes next finds room. The last quarter is for small calls and for results.
 */
public final class Budget {
  /** Of the heap; the rest is for the process, and the buffers of a large text being parsed. */
  private static final int EIGHTHS = 3;

  private static final int RESERVE = 4;

  /** What a call has beside its parts: its thread, its connection's buffers, a small result. */
  private static final int CALL = 32 * 1024;

  private static final int SMALL = 256 * 1024;
  private static final int SMALL_RESULT = 4 * 1024;

  /** A result: its tree, the ledger's text, the answer, and that in the socket's buffers. */
  private static final int COPIES = 4;

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  // What Java's objects take in a container, with what its growth leaves behind.
  static final int ELEMENT = 12;
  static final int OBJECT = 172;
  static final int ARRAY = 108;
  static final int NUMBER = 48;

  private final int largestText;
  private final long limit;
  private final Map<String, Long> users = new HashMap<>();
  private long held;

  Budget(int largestText, long limit) {
    this.largestText = largestText;
    this.limit = limit;
  }

  /** By the size of the heap; no text may have more bytes than the largest. */
  public static Budget ofHeap(int largestText) {
    return new Budget(largestText, Runtime.getRuntime().maxMemory() / 8 * EIGHTHS);
  }

  public int largestText() {
    return largestText;
  }

  /** What is held now. */
  public synchronized long held() {
    return held;
  }

  static int string(int length) {
    return 68 + 2 * length;
  }

  static int property(int length) {
    return 88 + 2 * length;
  }

  /** What a tree takes. */
  static long size(JsonNode node) {
    long size =
        switch (node.getNodeType()) {
          case OBJECT -> OBJECT;
          case ARRAY -> ARRAY;
          case STRING -> string(node.stringValue().length());
          default -> NUMBER;
        };
    for (String name : node.propertyNames()) {
      size += property(name.length());
    }
    for (JsonNode part : node) {
      size += size(part);
    }
    return size;
  }

  /** For a call with these headers and so long a text. RefusedException: there is no room. */
  public Hold hold(String user, List<Map.Entry<String, String>> headers, long text)
      throws RefusedException {
    long head = CALL;
    for (var header : headers) {
      head += property(header.getKey().length()) + string(header.getValue().length());
    }
    Hold hold = new Hold(user, head);
    hold.take(head + text);
    return hold;
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

    /** For a request, of which nothing has been run. RefusedException: there is no room. */
    public void take(long bytes) throws RefusedException {
      synchronized (Budget.this) {
        int refusal = refusal(bytes, mine + bytes <= SMALL);
        if (refusal != 0) {
          throw refused(refusal);
        }
        keep(mine + bytes);
      }
    }

    /** For a result: waits a little for others to be sent. RefusedException: there is no room. */
    void result(JsonNode result) throws RefusedException, InterruptedException {
      long bytes = COPIES * size(result);
      long end = System.nanoTime() + WAIT_NANOS;
      synchronized (Budget.this) {
        for (long left = WAIT_NANOS; bytes > SMALL_RESULT && refusal(bytes, true) != 0; ) {
          if (left <= 0) {
            throw refused(refusal(bytes, true));
          }
          TimeUnit.NANOSECONDS.timedWait(Budget.this, left);
          left = end - System.nanoTime();
        }
        keep(mine + bytes);
      }
    }

    /** For a result of what was done and cannot be undone: whether there is room or not. */
    void keep(JsonNode result) {
      give(-COPIES * size(result));
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

    /** The status by which so many more bytes are refused; 0 where they are not. */
    private int refusal(long bytes, boolean small) {
      long free = limit - held - bytes;
      long reserve = limit / RESERVE;
      if (free < (small ? 0 : reserve)) {
        return 503;
      }
      long ofUser = users.getOrDefault(user, 0L) + bytes;
      return ofUser > free + (small ? reserve : 0) ? 429 : 0;
    }

    private void keep(long bytes) {
      long more = bytes - mine;
      if (more == 0) {
        return; // A user of whom nothing is held is none.
      }
      mine = bytes;
      held += more;
      users.merge(user, more, (a, b) -> a + b == 0 ? null : a + b);
      Budget.this.notifyAll();
    }
  }

  private static RefusedException refused(int status) {
    return status == 429
        ? new RefusedException(
            status,
            "rate_limited",
            "Your calls hold as much memory as they may.",
            Map.of("Retry-After", "1"))
        : overloaded();
  }

  /** Tells an edge that another origin may have room, and that this one is well. */
  static RefusedException overloaded() {
    return new RefusedException(
        503,
        "overloaded",
        "Too many large requests at once.",
        Map.of("X-Not-Run", "overloaded", "Retry-After", "1"));
  }
}
