package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Catalog.OfferedTool;
import com.mcpist.origin.trace.Span;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Counts requests and calls of tools. A label's values are ours, or names of the catalogue. */
final class CallMetrics {
  /** Further ones are counted as one: a mounted server may list any number. */
  static final int MOST_TOOLS = 100;

  private static final String OTHER = "other";
  private static final String SHARE = "share";
  private static final Labels ORIGIN = Labels.of("program", "origin");
  private static final double NANOS = 1e9;

  /** A UUID. An id that no edge has made may be longer than an exemplar may be. */
  private static final int ID_LENGTH = 36;

  private final Set<String> tools = ConcurrentHashMap.newKeySet();

  private final Counter requests =
      Counter.builder()
          .name("mcpist_requests_total")
          .help("Requests by how they ended")
          .constLabels(ORIGIN)
          .labelNames("outcome")
          .withoutExemplars()
          .build();

  private final Histogram durations =
      Histogram.builder()
          .name("mcpist_request_duration_seconds")
          .help("From the request's last byte to its answer")
          .constLabels(ORIGIN)
          .classicOnly()
          .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)
          .build();

  private final Counter limits =
      Counter.builder()
          .name("mcpist_rate_limit_hits_total")
          .help("Requests turned away by a limit on a user")
          .labelNames("limit")
          .withoutExemplars()
          .build();

  private final Counter toolCalls =
      Counter.builder()
          .name("mcpist_tool_calls_total")
          .help("Calls of tools by how they ended")
          .labelNames("module", "tool", "outcome")
          .withoutExemplars()
          .build();

  private final Histogram toolDurations =
      Histogram.builder()
          .name("mcpist_tool_call_duration_seconds")
          .help("What a call of a tool took, with the ledger")
          .labelNames("module", "tool")
          .classicOnly()
          .classicUpperBounds(0.01, 0.05, 0.25, 1, 2, 5, 30)
          .build();

  CallMetrics() {
    List.of("answered", "error", "refused", "failed").forEach(requests::initLabelValues);
    List.of("minute", "concurrent", "database", SHARE).forEach(limits::initLabelValues);
  }

  /** {@code error}: whether the answer is one. */
  void answered(boolean error, long nanos, Attempt attempt) {
    requests.labelValues(error ? "error" : "answered").inc();
    observe(durations, nanos, attempt);
  }

  /** Another origin is asked. */
  void failed() {
    requests.labelValues("failed").inc();
  }

  void refused(RefusedException why) {
    requests.labelValues("refused").inc();
    if (why.status() == 429) {
      limits.labelValues(limit(why.headers().get("RateLimit-Policy"))).inc();
    }
  }

  /** The policy's name, which is in quotes; without one it is a share of this process's memory. */
  private static String limit(@Nullable String policy) {
    return policy == null ? SHARE : policy.substring(1, policy.indexOf('"', 1));
  }

  /** A tool that is not offered is empty. */
  void called(Optional<OfferedTool> offered, String outcome, long nanos, Attempt attempt) {
    String module = OTHER;
    String tool = OTHER;
    if (offered.isPresent()) {
      module = offered.get().module();
      tool = named(offered.get().tool().name());
    }
    toolCalls.labelValues(module, tool, outcome).inc();
    observe(toolDurations.labelValues(module, tool), nanos, attempt);
  }

  private String named(String tool) {
    return tools.contains(tool) || (tools.size() < MOST_TOOLS && tools.add(tool)) ? tool : OTHER;
  }

  private static void observe(DistributionDataPoint times, long nanos, Attempt attempt) {
    String id = attempt.sending().callId();
    if (id.length() == ID_LENGTH) {
      Labels call = Labels.of("call_id", id);
      String trace = Span.current().traceId();
      times.observeWithExemplar(nanos / NANOS, trace == null ? call : call.add("trace_id", trace));
    } else {
      times.observe(nanos / NANOS);
    }
  }

  List<Collector> collectors() {
    return List.of(requests, durations, limits, toolCalls, toolDurations);
  }
}
