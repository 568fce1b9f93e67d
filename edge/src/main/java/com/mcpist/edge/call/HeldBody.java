package com.mcpist.edge.call;

import com.mcpist.edge.gate.KnownKeys;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A body, as far as it has come. It takes its part of a budget until it is let go. */
final class HeldBody {
  /**
   * The largest number of bytes of a small body. A small body finds room for longer than others,
   * and has more time to come.
   */
  static final int SMALL_BYTES = 64 * 1024;

  enum Room {
    TAKEN,
    /** The holder has the whole of its share. */
    NOT_FOR_HOLDER,
    NONE
  }

  /**
   * A group that a holder belongs to. The group may hold {@code weight} times as much as it leaves
   * free to others of its kind.
   */
  private record Account(String name, double weight) {}

  /**
   * Bounds the bytes of all bodies that an edge holds at once. Safe for all threads. An address may
   * hold three times as much as it leaves free. Each user of an address may hold half as much as
   * the user leaves free to the address. So there is room for another holder, whatever some hold.
   * Keys that no origin has accepted may hold, all together, as much as they leave free. A quarter
   * of the budget is for small bodies only. Where nothing else is held, a request body of the
   * largest allowed length fits, whoever sends it.
   */
  static final class Budget {
    private static final int SMALL_SHARE = 4;
    private static final Account STRANGERS = new Account("strangers", 1);

    private final long limit;
    private final int largestRequest;
    private final Map<String, Long> held = new HashMap<>();
    private final KnownKeys keys;
    private long heldByAll;

    /**
     * Makes an empty budget.
     *
     * @param limit the largest number of bytes in all bodies
     * @param largestRequest the largest number of bytes in the body of one request
     */
    Budget(long limit, int largestRequest, KnownKeys keys) {
      this.limit = limit;
      this.largestRequest = largestRequest;
      this.keys = keys;
    }

    /** Returns an empty body of this caller. */
    HeldBody body(String address, Caller caller) {
      String user = caller.userId();
      List<Account> accounts;
      // Without authentication, every caller is the local one.
      if (caller.equals(Caller.LOCAL)) {
        accounts = List.of(new Account("at " + address, 3));
      } else if (caller.isKey() && !keys.accepts(caller)) {
        Account there = strangersAt(address);
        accounts = List.of(STRANGERS, there, new Account("stranger " + user, 0.5));
      } else {
        accounts = List.of(new Account("at " + address, 3), new Account("user " + user, 0.5));
      }
      return new HeldBody(this, withRoomForLargest(accounts));
    }

    /** Returns an empty body of a caller at this address who is refused. */
    HeldBody refused(String address) {
      return new HeldBody(this, withRoomForLargest(List.of(STRANGERS, strangersAt(address))));
    }

    private static Account strangersAt(String address) {
      return new Account("strangers at " + address, 3);
    }

    /**
     * Raises the weights of accounts that are too small for a request body of the largest length.
     */
    private List<Account> withRoomForLargest(List<Account> accounts) {
      List<Account> roomy = new ArrayList<>();
      double most = limit - (double) limit / SMALL_SHARE;
      for (Account each : accounts) {
        // One byte more than needed, because the sums are of floating point.
        double needed = largestRequest + 1.0;
        double least = needed / Math.max(1, most - needed);
        double weight = Math.max(each.weight(), least);
        most *= weight / (weight + 1);
        roomy.add(new Account(each.name(), weight));
      }
      return roomy;
    }

    /** Takes this number of bytes for a holder, or gives bytes back if the number is negative. */
    private synchronized Room take(List<Account> holder, long bytes, boolean small) {
      long free = limit - heldByAll - (small ? 0 : limit / SMALL_SHARE);
      if (bytes > 0 && bytes > free) {
        return Room.NONE;
      }
      double most = free;
      for (Account each : holder) {
        most = (each.weight() * most - held.getOrDefault(each.name(), 0L)) / (each.weight() + 1);
      }
      if (bytes > 0 && bytes > most) {
        return Room.NOT_FOR_HOLDER;
      }
      heldByAll += bytes;
      for (Account each : holder) {
        held.merge(each.name(), bytes, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
      }
      return Room.TAKEN;
    }

    synchronized long held() {
      return heldByAll;
    }
  }

  private final Budget budget;
  private final List<Account> holder;
  private Buffer bytes = Buffer.buffer();

  /**
   * The number of bytes taken of the budget: what {@code bytes} has allocated, not only what is
   * filled.
   */
  private long room;

  private HeldBody(Budget budget, List<Account> holder) {
    this.budget = budget;
    this.holder = holder;
  }

  /** Returns an empty body of the same holder. */
  HeldBody another() {
    return new HeldBody(budget, holder);
  }

  /**
   * Adds a piece, or adds nothing if there is no room. {@code of} is the length of the whole body;
   * 0 if unknown.
   */
  Room add(Buffer piece, int of) {
    int length = bytes.length() + piece.length();
    if (length > room) {
      int grown = Math.max(length, 2 * bytes.length());
      if (length <= budget.largestRequest) {
        grown = Math.min(grown, budget.largestRequest);
      }
      int whole = Math.max(of, room == 0 ? length : grown);
      Room found = hold(whole);
      if (found != Room.TAKEN) {
        return found;
      }
      bytes = whole == piece.length() ? bytes : Buffer.buffer(whole).appendBuffer(bytes);
    }
    // The usual body is one piece, which is then not copied.
    bytes = length == piece.length() && length == room ? piece : bytes.appendBuffer(piece);
    return Room.TAKEN;
  }

  /** Takes room for {@code whole} bytes in all, or gives back the room beyond them. */
  Room hold(long whole) {
    Room found =
        whole == room ? Room.TAKEN : budget.take(holder, whole - room, whole <= SMALL_BYTES);
    room = found == Room.TAKEN ? whole : room;
    return found;
  }

  Buffer bytes() {
    return bytes;
  }

  int length() {
    return bytes.length();
  }

  boolean isSmall() {
    return room <= SMALL_BYTES;
  }

  /**
   * Returns true if the body may stay when its call is over, which it may only while there is much
   * room for others.
   */
  boolean mayLinger() {
    return isSmall() && budget.held() <= budget.limit / Budget.SMALL_SHARE;
  }

  void letGo() {
    hold(0);
    bytes = Buffer.buffer();
  }
}
