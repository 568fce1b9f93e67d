package com.mcpist.edge.call;

import com.mcpist.edge.event.Failovers;
import com.mcpist.edge.gate.Rejection;
import com.mcpist.edge.gate.Rejection.Refusal;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts calls at their end. Safe for all threads; no event loop waits for another in order to
 * count.
 */
final class CallMetrics {
  private static final Labels EDGE = Labels.of("program", "edge");
  private static final String SHARE = "share";
  private static final double NANOS = 1e9;
  private static final int WINDOW_MINUTES = 5;

  private final LongAdder succeeded = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder replayed = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder left = new LongAdder();

  private final Histogram durations =
      Histogram.builder()
          .name("mcpist_request_duration_seconds")
          .help("From the request's last byte to the end of its answer")
          .constLabels(EDGE)
          .classicOnly()
          .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)
          .build();

  /**
   * The durations of attempts. They are counted in a histogram, because an observation in a
   * summary, which has quantiles of its own, costs seven times as much.
   */
  private final Histogram attempts =
      Histogram.builder()
          .name("mcpist_attempt_duration_seconds")
          .help("Of an attempt at a call, until its answer is whole or it has failed")
          .labelNames("origin")
          .classicOnly()
          .classicUpperBounds(
              0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
          .withoutExemplars()
          .build();

  /** The snapshots of {@code attempts} in the last minutes, the oldest first. */
  private final Queue<HistogramSnapshot> minutes = new ConcurrentLinkedQueue<>();

  private final Counter limits =
      Counter.builder()
          .name("mcpist_rate_limit_hits_total")
          .help("Requests turned away by a limit on an address or a user")
          .labelNames("limit")
          .withoutExemplars()
          .build();

  private final Failovers failovers;

  CallMetrics(Failovers failovers) {
    this.failovers = failovers;
    minutePassed();
    List.of("address", "user", SHARE).forEach(limits::initLabelValues);
  }

  void answered(boolean failure, int attempts, long waitedMillis) {
    failovers.answered(failure, attempts, waitedMillis);
    if (attempts > 1) {
      replayed.increment();
    }
    // The end is counted last, so that a reader who sees that a call has ended also sees how.
    (failure ? failed : succeeded).increment();
  }

  /** Counts the duration of a call. {@code traceId} is null if the call's trace is not kept. */
  void took(long nanos, String callId, @Nullable String traceId) {
    Labels call = Labels.of("call_id", callId);
    durations.observeWithExemplar(
        nanos / NANOS, traceId == null ? call : call.add("trace_id", traceId));
  }

  void attempted(String origin, long nanos) {
    attempts.labelValues(origin).observe(nanos / NANOS);
  }

  void minutePassed() {
    minutes.add(attempts.collect());
    if (minutes.size() > WINDOW_MINUTES) {
      minutes.remove();
    }
  }

  AttemptTimes attempts(String origin) {
    HistogramSnapshot before = minutes.peek();
    return AttemptTimes.of(
        buckets(attempts.collect(), origin),
        before == null ? ClassicHistogramBuckets.EMPTY : buckets(before, origin));
  }

  private static ClassicHistogramBuckets buckets(HistogramSnapshot of, String origin) {
    return of.getDataPoints().stream()
        .filter(each -> origin.equals(each.getLabels().get("origin")))
        .findFirst()
        .map(HistogramDataPointSnapshot::getClassicBuckets)
        .orElse(ClassicHistogramBuckets.EMPTY);
  }

  void left() {
    left.increment();
  }

  void refused(Refusal refusal) {
    if (refusal.rejection() == Rejection.OVERLOADED) {
      answered(true, 0, 0);
      return;
    }
    refused.increment();
    if (refusal.rejection() == Rejection.RATE_LIMITED) {
      limits.labelValues(limit(refusal.headers().get("RateLimit-Policy"))).inc();
    }
  }

  /**
   * Returns the name of the policy, which is in quotes. A refusal without a policy is about a share
   * of the edge's memory.
   */
  private static String limit(@Nullable String policy) {
    return policy == null ? SHARE : policy.substring(1, policy.indexOf('"', 1));
  }

  CallCounts counts() {
    long failures = failed.sum();
    long ended = failures + succeeded.sum();
    return new CallCounts(ended, failures, replayed.sum());
  }

  /**
   * Returns the collectors of all metrics of calls. {@code undelivered} gives the number of calls
   * so far whose clients have no answer.
   */
  List<Collector> collectors(LongSupplier undelivered) {
    return List.of(
        durations,
        attempts,
        limits,
        CounterWithCallback.builder()
            .name("mcpist_requests_total")
            .help("Requests by how they ended")
            .constLabels(EDGE)
            .labelNames("outcome")
            .callback(
                outcome -> {
                  outcome.call(succeeded.doubleValue(), "answered");
                  outcome.call(failed.doubleValue(), "failed");
                  outcome.call(refused.doubleValue(), "refused");
                  outcome.call(left.doubleValue(), "left");
                })
            .build(),
        count("mcpist_replays_total", "Calls that took more than one attempt", replayed::sum),
        count(
            "mcpist_undelivered_calls_total",
            "Calls that an origin may have run and whose client has no answer",
            undelivered));
  }

  private static Collector count(String name, String help, LongSupplier value) {
    return CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(now -> now.call((double) value.getAsLong()))
        .build();
  }
}
