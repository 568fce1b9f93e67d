package com.mcpist.edge.call;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The times that attempts at an origin took, as far as the buckets tell in which they are counted.
 *
 * @param number the number of attempts since the edge started
 * @param p50Millis the time in milliseconds within which half of the latest attempts ended; null if
 *     there was none
 * @param p99Millis the time in milliseconds within which 99 of 100 of the latest attempts ended;
 *     null if there was none
 */
public record AttemptTimes(long number, @Nullable Double p50Millis, @Nullable Double p99Millis) {

  /**
   * Returns the times of the attempts that were counted between two snapshots. {@code before} was
   * taken when the latest period began; it has as many buckets as {@code now}, or none.
   */
  static AttemptTimes of(ClassicHistogramBuckets now, ClassicHistogramBuckets before) {
    long[] latest = new long[now.size()];
    long number = 0;
    for (int i = 0; i < latest.length; i++) {
      number += now.getCount(i);
      latest[i] = now.getCount(i) - (before.isEmpty() ? 0 : before.getCount(i));
    }
    return new AttemptTimes(number, millis(0.5, now, latest), millis(0.99, now, latest));
  }

  /**
   * Returns the time in milliseconds within which this share of the attempts ended; null if there
   * was none. The attempts are taken to be spread evenly within their bucket. The last bucket has
   * no upper bound, so its lower bound counts.
   */
  private static @Nullable Double millis(
      double share, ClassicHistogramBuckets bounds, long[] counts) {
    double rank = share * LongStream.of(counts).sum();
    double lower = 0;
    for (int i = 0; i < counts.length; i++) {
      double upper = bounds.getUpperBound(i);
      if (counts[i] > 0 && rank <= counts[i]) {
        double seconds =
            Double.isInfinite(upper) ? lower : lower + (upper - lower) * rank / counts[i];
        return Math.round(seconds * 10_000) / 10.0;
      }
      rank -= counts[i];
      lower = upper;
    }
    return null;
  }
}
