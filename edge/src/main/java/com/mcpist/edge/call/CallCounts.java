package com.mcpist.edge.call;

import com.mcpist.edge.event.Failovers;
import java.util.concurrent.atomic.LongAdder;

/**
 * How calls have ended since the edge started. /health, and what is turned away as no proper
 * request, are no calls; one whose client goes before its answer is whole is not counted.
 *
 * @param answered those that were given an answer of any kind
 * @param failed those of them whose answer was an error of the edge's own, or broke off
 * @param replayed those of them that needed more than one attempt
 */
public record CallCounts(long answered, long failed, long replayed) {
  /** Counts calls where they end. Safe for all threads, and each loop counts without the others. */
  static final class Counter {
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder replayed = new LongAdder();
    private final Failovers failovers;

    Counter(Failovers failovers) {
      this.failovers = failovers;
    }

    void answered(boolean failure, int attempts, long waitedMillis) {
      failovers.answered(failure, attempts, waitedMillis);
      if (failure) {
        failed.increment();
      }
      if (attempts > 1) {
        replayed.increment();
      }
      answered.increment(); // Last: who sees that one has ended sees how.
    }

    CallCounts counts() {
      long ended = answered.sum();
      return new CallCounts(ended, failed.sum(), replayed.sum());
    }
  }
}
