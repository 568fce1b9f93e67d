package com.mcpist.edge.call;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * How long attempts at an origin took, as far as the buckets that they are counted in tell.
 *
 * @param number since the edge started
 * @param p50Millis half of the latest took no longer; null: there was none
 * @param p99Millis 99 of 100 of these
 */
public record AttemptTimes(long number, @Nullable Double p50Millis, @Nullable Double p99Millis) {

  /** {@code before}: when the latest began, and as many buckets, or none. */
  static AttemptTimes of(ClassicHistogramBuckets now, ClassicHistogramBuckets before) {
    long[] latest = new long[now.size()];
    long number = 0;
    for (int i = 0; i < latest.length; i++) {
      number += now.getCount(i);
      latest[i] = now.getCount(i) - (before.isEmpty() ? 0 : before.getCount(i));
    }
    return new AttemptTimes(number, millis(0.5, now, latest), millis(0.99, now, latest));
  }

  /** As if they were spread evenly within their bucket; the last one has no end. */
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
