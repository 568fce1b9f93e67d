package com.mcpist.drill;

import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits until something is so, looking every 2 ms. */
final class Waiting {
  private static final long POLL_MILLIS = 2;

  /** What is waited for. */
  interface Condition {
    boolean holds() throws PairException, InterruptedException;
  }

  private Waiting() {}

  /**
   * Waits.
   *
   * @return false where it has not become so within the limit
   */
  static boolean until(Duration limit, Condition condition)
      throws PairException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return true;
  }

  /**
   * Waits for what must become so.
   *
   * @param what completes the sentence "… did not come in 90 s"
   * @throws PairException where it has not become so within the limit
   */
  static void require(String what, Duration limit, Condition condition)
      throws PairException, InterruptedException {
    if (!until(limit, condition)) {
      throw new PairException(
          "the drill was broken off: "
              + what
              + " did not come in "
              + limit.toSeconds()
              + " s. `mcpist status` and `mcpist logs` tell more");
    }
  }
}
