package com.mcpist.edge.proxy;

import java.util.concurrent.atomic.LongAdder;

/** Counts calls where they end. Safe for all threads, and each loop counts without the others. */
final class CallCounter {
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder replayed = new LongAdder();

  /** A call has had its answer. */
  void answered(boolean failure, int attempts) {
    answered.increment();
    if (failure) {
      failed.increment();
    }
    if (attempts > 1) {
      replayed.increment();
    }
  }

  CallCounts counts() {
    return new CallCounts(answered.sum(), failed.sum(), replayed.sum());
  }
}
