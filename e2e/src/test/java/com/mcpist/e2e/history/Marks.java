package com.mcpist.e2e.history;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What has happened so far in a history, so that one script can wait for another one. */
final class Marks {
  private final Set<String> set = new HashSet<>();

  static String arrived(Call call) {
    return "arrived " + call.id();
  }

  static String sent(Call call) {
    return "sent " + call.id();
  }

  /** The client has an answer, or has left. */
  static String over(Call call) {
    return "over " + call.id();
  }

  synchronized void set(String mark) {
    set.add(mark);
    notifyAll();
  }

  /** Returns false if the marks are not all set within the time. */
  synchronized boolean await(List<String> marks, long mostMillis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(mostMillis);
    while (!set.containsAll(marks)) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
