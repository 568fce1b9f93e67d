package com.mcpist.origin.ledger;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats a transaction that failed for a reason that passes. */
final class Tries {
  private static final Logger LOG = LoggerFactory.getLogger(Tries.class);
  private static final int MOST = 4;
  private static final long PAUSE_MILLIS = 20;

  /** A transaction. */
  @FunctionalInterface
  interface Transaction<T> {
    /**
     * Runs it from its beginning.
     *
     * @param number 1 for the first try; a later one must not trust a pooled connection
     */
    T run(int number) throws Exception;
  }

  private Tries() {}

  static <T> T of(String what, Transaction<T> transaction) throws Exception {
    for (int number = 1; ; number++) {
      try {
        return transaction.run(number);
      } catch (Exception e) {
        if (number == MOST || Failure.of(e) != Failure.PASSES) {
          throw e;
        }
        LOG.info("{}: trying again after: {}", what, firstLine(e));
        TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(PAUSE_MILLIS * number));
      }
    }
  }

  static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }
}
