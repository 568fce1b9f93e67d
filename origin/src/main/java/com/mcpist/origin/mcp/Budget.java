package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The budget counts what this process holds for calls, in bytes of the heap: the heads and texts of
 * requests, their trees, and their results until they are sent. Each part is counted before it is
 * made.
 *
 * <p>A user may hold no more than is left free for others: one user alone may hold half of the
 * budget, two users a third each. So the next user finds room. The last quarter is for small calls
 * and for results.
 *
 * <p>A message of a mounted server is counted by a {@link Charge}. The origin does not know yet for
 * which user the message is, and the message exists already, so a charge waits for room and is
 * never refused.
 */
public final class Budget {
  /**
   * The eighths of the heap that the budget has. The rest is for the process, and for the buffers
   * of a large text that is parsed.
   */
  private static final int EIGHTHS = 3;

  private static final int RESERVE = 4;

  /**
   * The bytes that a call takes beside its parts: its thread, the buffers of its connection, and a
   * small result.
   */
  private static final int CALL = 32 * 1024;

  private static final int SMALL = 256 * 1024;
  private static final int SMALL_RESULT = 4 * 1024;

  /**
   * A result is held as its tree, the ledger's text, the answer, and the answer in the socket's
   * buffers.
   */
  private static final int COPIES = 4;

  /** A written answer is held as text, as an event, and in the socket's buffers. */
  static final int WRITTEN = 3;

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  // These are the bytes of Java's objects in a container, with those that its growth leaves behind.
  static final int ELEMENT = 12;
  static final int OBJECT = 172;
  static final int ARRAY = 108;
  static final int NUMBER = 48;

  private final int largestText;
  private final long limit;
  private final Map<String, Long> users = new HashMap<>();
  private final Queue readings;
  private final Queue answers;
  private long held;

  Budget(int largestText, long limit) {
    this.largestText = largestText;
    this.limit = limit;
    this.readings = new Queue(limit / 2, limit / 2);
    this.answers = new Queue(limit - limit / RESERVE, limit / 2);
  }

  /** Returns a budget by the size of the heap. No text may have more bytes than the largest one. */
  public static Budget ofHeap(int largestText) {
    return new Budget(largestText, Runtime.getRuntime().maxMemory() / 8 * EIGHTHS);
  }

  public int largestText() {
    return largestText;
  }

  /** Returns the bytes that are held now. */
  public synchronized long held() {
    return held;
  }

  static int string(int length) {
    return 68 + 2 * length;
  }

  static int property(int length) {
    return 88 + 2 * length;
  }

  /** Returns the bytes that a tree takes. */
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

  /**
   * Begins the hold of a call with these headers and a text of so many bytes.
   *
   * @throws RefusedException if there is no room
   */
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

  /**
   * The memory that one call holds. It is used by any thread, and closed when the call's answer has
   * been sent.
   */
  public final class Hold implements AutoCloseable {
    private final String user;
    private final long head;
    private final List<Charge> charges = new ArrayList<>();
    private long mine;

    private Hold(String user, long head) {
      this.user = user;
      this.head = head;
    }

    /**
     * Takes more bytes for a request of which nothing has been run.
     *
     * @throws RefusedException if there is no room
     */
    public void take(long bytes) throws RefusedException {
      synchronized (Budget.this) {
        int refusal = refusal(bytes, mine + bytes <= SMALL);
        if (refusal != 0) {
          throw refused(refusal);
        }
        keep(mine + bytes);
      }
    }

    /**
     * Takes the bytes of a result. The method waits up to 2 s for other results to be sent.
     *
     * @throws RefusedException if there is no room then
     */
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

    /**
     * Takes the bytes of a result of what was done and cannot be undone, also if there is no room.
     */
    void keep(JsonNode result) {
      give(-COPIES * size(result));
    }

    /**
     * Takes over a charge, which is closed with this hold, and counts as the user's from now on.
     */
    void own(Charge charge) {
      synchronized (Budget.this) {
        charges.add(charge);
        charge.owned(user);
      }
    }

    /**
     * Makes room for a result whose charge this hold has taken over. The method waits up to 2 s
     * while other large results of the user are being sent.
     *
     * @throws RefusedException if they are still being sent then
     */
    void share() throws RefusedException, InterruptedException {
      long end = System.nanoTime() + WAIT_NANOS;
      synchronized (Budget.this) {
        for (long left = WAIT_NANOS; crowds(); left = end - System.nanoTime()) {
          if (left <= 0) {
            throw refused(429);
          }
          TimeUnit.NANOSECONDS.timedWait(Budget.this, left);
        }
      }
    }

    /**
     * Returns true if others would find too little room, and the user holds more than the last
     * charge.
     */
    private boolean crowds() {
      long ofUser = users.getOrDefault(user, 0L);
      return ofUser - charges.getLast().counted > limit / RESERVE && ofUser > limit / 2;
    }

    /**
     * Returns true if the charges before the last one, of one batch, are all that a call may have.
     */
    boolean isFull() {
      synchronized (Budget.this) {
        long all = charges.stream().mapToLong(c -> c.mine).sum();
        return all - charges.getLast().mine > limit / RESERVE;
      }
    }

    /**
     * Checks whether a further request of a batch may begin. The answers to the requests before it
     * are held until the batch is answered. If a mounted server's answer among them is beyond the
     * room, other answers wait for its end, and one of the same batch would wait for itself.
     *
     * @throws RefusedException with the status 429 if an answer is beyond the room, or all of them
     *     have more than a call may have
     */
    void checkFurther() throws RefusedException {
      synchronized (Budget.this) {
        long all = charges.stream().mapToLong(c -> c.mine).sum();
        if (all > limit / RESERVE || charges.stream().anyMatch(c -> c.counted < c.mine)) {
          throw refused(429);
        }
      }
    }

    /** Closes the last charge, for which there is no result. */
    void drop() {
      synchronized (Budget.this) {
        charges.removeLast().close();
      }
    }

    /** Says that the result is a text of so many bytes now, and that its tree is gone. */
    void written(long bytes) {
      synchronized (Budget.this) {
        charges.forEach(c -> c.shrink(WRITTEN * bytes));
      }
    }

    public void give(long bytes) {
      synchronized (Budget.this) {
        keep(mine - bytes);
      }
    }

    /**
     * Gives back all but the head's bytes, for a stream that is held open after its request is
     * done.
     */
    public void keepHead() {
      synchronized (Budget.this) {
        keep(Math.min(mine, head));
      }
    }

    @Override
    public void close() {
      synchronized (Budget.this) {
        keep(0);
        charges.forEach(Charge::close);
        charges.clear();
      }
    }

    /** Returns the status by which so many more bytes are refused, or 0 if they are not refused. */
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
      mine = bytes;
      held += more;
      charge(user, more);
      Budget.this.notifyAll();
    }
  }

  /** Returns a charge for the bytes of a mounted server's message while they are read. */
  public Charge reading() {
    return new Charge(readings);
  }

  /**
   * Returns a charge for a mounted server's message that is whole: its tree and what is made of it.
   */
  public Charge answer() {
    return new Charge(answers);
  }

  /**
   * Charges of one kind. All together have at most {@code most} bytes. Only the charge that has
   * waited the longest may go beyond that, one at a time: at once while the others have at most
   * {@code calm} bytes, else after 2 s. Without this exception charges that have a part and wait
   * for more could wait for each other, and a message that is larger than the room would wait for
   * ever.
   */
  private static final class Queue {
    private final long most;
    private final long calm;
    private final Deque<Charge> waiting = new ArrayDeque<>();
    private long granted;
    private @Nullable Charge beyond;

    Queue(long most, long calm) {
      this.most = most;
      this.calm = calm;
    }
  }

  /**
   * The memory of one message of a mounted server. Used by any thread, one at a time. It is closed
   * when the message is dropped, or by the {@link Hold} that it was handed to.
   */
  public final class Charge implements AutoCloseable {
    private final Queue queue;
    private long mine;

    /** The part of the charge that requests find taken. The rest goes beyond the budget. */
    private long counted;

    private @Nullable String user;

    private Charge(Queue queue) {
      this.queue = queue;
    }

    /** Returns true if the charge is one of a small message. */
    public boolean isSmall() {
      synchronized (Budget.this) {
        return mine <= SMALL;
      }
    }

    /**
     * Makes the charge one of so many bytes. Waits while there is no room for more than it has.
     * Charges of a small message do not wait for those of large ones.
     */
    @SuppressWarnings("ReferenceEquality") // Each charge is itself alone.
    public void become(long bytes) throws InterruptedException {
      synchronized (Budget.this) {
        long more = bytes - mine;
        if (more > 0 && !fits(bytes)) {
          queue.waiting.addLast(this);
          try {
            long first = 0;
            while (!fits(bytes) && !mayGoBeyond(first)) {
              first =
                  queue.waiting.peekFirst() != this
                      ? 0
                      : first == 0 ? System.nanoTime() | 1 : first;
              if (first == 0) {
                Budget.this.wait();
              } else {
                TimeUnit.NANOSECONDS.timedWait(Budget.this, WAIT_NANOS);
              }
            }
            if (!fits(bytes)) {
              queue.beyond = this;
            }
          } finally {
            queue.waiting.remove(this);
            Budget.this.notifyAll(); // Another one has waited the longest now.
          }
        }
        set(bytes);
      }
    }

    /** Returns the bytes that the charge has. */
    public long bytes() {
      synchronized (Budget.this) {
        return mine;
      }
    }

    /** Moves so many bytes of the charge, or all of them if it has fewer, to a new charge. */
    @SuppressWarnings("ReferenceEquality")
    public Charge split(long bytes) {
      Charge part = new Charge(queue);
      synchronized (Budget.this) {
        part.mine = Math.min(bytes, mine);
        part.counted = Math.min(part.mine, counted);
        mine -= part.mine;
        counted -= part.counted;
        if (queue.beyond == this && part.counted < part.mine) {
          queue.beyond = part;
        }
      }
      return part;
    }

    /** Gives back all but so many bytes. */
    void shrink(long bytes) {
      synchronized (Budget.this) {
        set(Math.min(bytes, mine));
      }
    }

    @Override
    public void close() {
      shrink(0);
    }

    private boolean fits(long bytes) {
      long more = bytes - mine;
      boolean small = bytes <= SMALL;
      return small
          ? held + more <= limit
          : held + more <= limit - limit / RESERVE && queue.granted + more <= queue.most;
    }

    /**
     * Returns true if the charge may go beyond the room.
     *
     * @param since the time since when it has been the first to wait, or 0 if it is not the first
     */
    @SuppressWarnings("ReferenceEquality")
    private boolean mayGoBeyond(long since) {
      return queue.waiting.peekFirst() == this
          && (queue.beyond == null || queue.beyond == this)
          && (queue.granted - mine <= queue.calm
              || (since != 0 && System.nanoTime() - since >= WAIT_NANOS));
    }

    /**
     * Sets the bytes of the charge. The bytes beyond the budget are not counted, so that small
     * requests find their reserve.
     */
    @SuppressWarnings("ReferenceEquality")
    private void set(long bytes) {
      long room = Math.max(0, limit - (bytes <= SMALL ? 0 : limit / RESERVE) - held + counted);
      long count = Math.min(bytes, Math.max(room, Math.min(counted, bytes)));
      queue.granted += bytes - mine;
      mine = bytes;
      count(count);
      if (queue.beyond == this && counted == mine) {
        queue.beyond = null;
      }
      Budget.this.notifyAll();
    }

    private void count(long count) {
      long more = count - counted;
      counted = count;
      held += more;
      if (user != null) {
        charge(user, more);
      }
    }

    private void owned(String by) {
      user = by;
      charge(by, counted);
    }
  }

  private void charge(String user, long more) {
    if (more != 0) { // The map has no user who holds nothing.
      users.merge(user, more, (a, b) -> a + b == 0 ? null : a + b);
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

  /**
   * Returns the refusal that tells an edge that another origin may have room, and that this one is
   * well.
   */
  static RefusedException overloaded() {
    return new RefusedException(
        503,
        "overloaded",
        "Too many large requests at once.",
        Map.of("X-Not-Run", "overloaded", "Retry-After", "1"));
  }
}
