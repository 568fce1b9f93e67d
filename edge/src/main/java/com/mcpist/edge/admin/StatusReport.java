package com.mcpist.edge.admin;

import com.mcpist.edge.call.CallCounts;
import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.OriginState;
import com.mcpist.edge.pool.OriginState.LastFailure;
import com.mcpist.edge.pool.PoolState;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The answer of GET /status. */
record StatusReport(List<Entry> origins, CallCounts calls) {
  /**
   * One origin.
   *
   * @param state healthy, suspect, unhealthy or drained
   * @param active whether new calls go to it
   * @param release as it tells it; null: it has not
   */
  record Entry(
      String name,
      String url,
      String state,
      boolean active,
      @Nullable String release,
      @Nullable FailureReport lastFailure) {}

  /** {@code at}: ISO 8601. */
  record FailureReport(String at, String reason) {}

  static StatusReport of(
      List<Origin> origins,
      PoolState state,
      Function<String, @Nullable String> release,
      CallCounts calls) {
    return new StatusReport(
        origins.stream().map(o -> entry(o, state, release.apply(o.name()))).toList(), calls);
  }

  private static Entry entry(Origin origin, PoolState pool, @Nullable String release) {
    OriginState state = pool.origin(origin.name());
    return new Entry(
        origin.name(),
        origin.url().toString(),
        state.status().label(),
        origin.name().equals(pool.active()),
        release,
        failure(state.lastFailure()));
  }

  private static @Nullable FailureReport failure(@Nullable LastFailure last) {
    return last == null ? null : new FailureReport(last.at().toString(), last.reason());
  }
}
