package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptTimesTest {
  private static ClassicHistogramBuckets counts(Long... ofTenHundredMore) {
    return ClassicHistogramBuckets.of(
        List.of(0.01, 0.1, Double.POSITIVE_INFINITY), List.of(ofTenHundredMore));
  }

  @Test
  void theQuantilesAreOfTheLatestAndTheNumberOfAll() {
    assertThat(AttemptTimes.of(counts(100L, 0L, 0L), ClassicHistogramBuckets.EMPTY))
        .isEqualTo(new AttemptTimes(100, 5.0, 9.9));
    assertThat(AttemptTimes.of(counts(1_010L, 90L, 0L), counts(1_000L, 0L, 0L)))
        .isEqualTo(new AttemptTimes(1_100, 50.0, 99.0));
    assertThat(AttemptTimes.of(counts(1L, 0L, 3L), ClassicHistogramBuckets.EMPTY))
        .as("at least the last bound")
        .isEqualTo(new AttemptTimes(4, 100.0, 100.0));
  }

  @Test
  void withoutAnyThereIsNone() {
    ClassicHistogramBuckets none = ClassicHistogramBuckets.EMPTY;
    assertThat(AttemptTimes.of(none, none)).isEqualTo(new AttemptTimes(0, null, null));
    assertThat(AttemptTimes.of(counts(2L, 0L, 0L), counts(2L, 0L, 0L)))
        .isEqualTo(new AttemptTimes(2, null, null));
  }
}
