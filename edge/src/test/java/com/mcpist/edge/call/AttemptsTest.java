package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private static ClassicHistogramBuckets counts(Long... ofTenHundredMore) {
    return ClassicHistogramBuckets.of(
        List.of(0.01, 0.1, Double.POSITIVE_INFINITY), List.of(ofTenHundredMore));
  }

  @Test
  void theQuantilesAreOfTheLatestAndTheNumberOfAll() {
    assertThat(Attempts.of(counts(100L, 0L, 0L), ClassicHistogramBuckets.EMPTY))
        .isEqualTo(new Attempts(100, 5.0, 9.9));
    assertThat(Attempts.of(counts(1_010L, 90L, 0L), counts(1_000L, 0L, 0L)))
        .isEqualTo(new Attempts(1_100, 50.0, 99.0));
    assertThat(Attempts.of(counts(1L, 0L, 3L), ClassicHistogramBuckets.EMPTY))
        .as("at least the last bound")
        .isEqualTo(new Attempts(4, 100.0, 100.0));
  }

  @Test
  void withoutAnyThereIsNone() {
    ClassicHistogramBuckets none = ClassicHistogramBuckets.EMPTY;
    assertThat(Attempts.of(none, none)).isEqualTo(new Attempts(0, null, null));
    assertThat(Attempts.of(counts(2L, 0L, 0L), counts(2L, 0L, 0L)))
        .isEqualTo(new Attempts(2, null, null));
  }
}
