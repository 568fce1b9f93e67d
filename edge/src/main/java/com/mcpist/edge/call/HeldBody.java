package com.mcpist.edge.call;

import com.mcpist.edge.gate.AcceptedCredentials;
import com.mcpist.edge.gate.auth.Verdict.Caller;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A body, as far as it has come, which takes its part of a budget until it is let go. */
final class HeldBody {
  /** A body that is no longer is small: it has room longer than others, and more time to come. */
  static final int SMALL_BYTES = 64 * 1024;

  enum Room {
    TAKEN,
    /** Its holder has its share. */
    NOT_FOR_HOLDER,
    NONE
  }

  /**
   * One of those that a holder belongs to. It may hold {@code weight} times as much as it leaves
   * free to others of its kind.
   */
  private record Account(String name, double weight) {}

  /**
   * Bounds the bytes of all bodies that an edge holds at once; safe for all threads. An address may
   * hold three times as much as it leaves free, and each of its users half as much as that leaves
   * free to the address: so whatever some hold, there is room for another. Keys that no origin has
   * accepted may hold, all together, as much as they leave free. A quarter is for small bodies
   * only.
   */
  static final class Budget {
    private static final int SMALL_SHARE = 4;
    private static final Account STRANGERS = new Account("strangers", 1);

    private final long limit;
    private final Map<String, Long> held = new HashMap<>();
    private final AcceptedCredentials accepted;
    private long heldByAll;

    Budget(long limit, AcceptedCredentials accepted) {
      this.limit = limit;
      this.accepted = accepted;
    }

    /** An empty body of this caller. */
    HeldBody body(String address, Caller caller) {
      String user = caller.userId();
      List<Account> accounts;
      if (caller.equals(Caller.LOCAL)) { // Everybody is, where nobody is asked.
        accounts = List.of(new Account("at " + address, 3));
      } else if (caller.isKey() && !accepted.has(caller.credential())) {
        Account there = new Account("strangers at " + address, 3);
        accounts = List.of(STRANGERS, there, new Account("stranger " + user, 0.5));
      } else {
        accounts = List.of(new Account("at " + address, 3), new Account("user " + user, 0.5));
      }
      return new HeldBody(this, caller, accounts);
    }

    /** Less than none is given back. */
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
  private final Caller caller;
  private final List<Account> holder;
  private Buffer bytes = Buffer.buffer();

  /** What is taken of the budget: as much as {@code bytes} has allocated, not only filled. */
  private long room;

  private HeldBody(Budget budget, Caller caller, List<Account> holder) {
    this.budget = budget;
    this.caller = caller;
    this.holder = holder;
  }

  /** An empty body of the same holder. */
  HeldBody another() {
    return new HeldBody(budget, caller, holder);
  }

  /** Nothing is added where there is no room; {@code of}: the length of the whole, if known. */
  Room add(Buffer piece, int of) {
    int length = bytes.length() + piece.length();
    if (length > room) {
      int whole = Math.max(of, room == 0 ? length : Math.max(length, 2 * bytes.length()));
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

  /** Takes room for so many bytes in all, or gives back what is more. */
  Room hold(long whole) {
    Room found =
        whole == room ? Room.TAKEN : budget.take(holder, whole - room, whole <= SMALL_BYTES);
    room = found == Room.TAKEN ? whole : room;
    return found;
  }

  /** An origin has answered the holder's call, which says whether it accepts the credential. */
  void answered(int status) {
    budget.accepted.answered(caller, status);
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

  /** Whether it may stay when its call is over: only where there is much room for others. */
  boolean mayLinger() {
    return isSmall() && budget.held() <= budget.limit / Budget.SMALL_SHARE;
  }

  void letGo() {
    hold(0);
    bytes = Buffer.buffer();
  }
}
