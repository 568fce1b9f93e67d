package com.mcpist.drill;

import module java.base;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one kind of fault did to the calls of one tool. Times are in milliseconds, and null where
 * there was nothing to measure. Percentiles are of the calls at full speed; everything else is of
 * all calls.
 *
 * @param tool the label of the tool, as on the command line
 * @param transport how the pair speaks with the mounted server, null for the memory's tool
 * @param faultsInFlight faults that met a call in flight
 * @param failed calls with an error or no answer, but for those that are unknown
 * @param unknown calls of a tool that may not run again, whose client was told that their outcome
 *     is unknown
 * @param duplicated effects that are there more often than they were called for, or though their
 *     client was told that there is none; of a tool that sets a value, those that set an older
 *     value again
 * @param late effects that came after their client was told that the outcome is unknown
 * @param p99BeforeMillis of the calls that ended before the fault of their round
 * @param p99AfterMillis of those that began when another origin had taken over
 * @param failoverMillis the longest time from a fault until another origin had answered a call; for
 *     a fault after which the same one can, until any had
 * @param failbackMillis the longest time from the end of a fault of the primary until it answered
 * @param failures what failed calls said, and how often
 */
public record Report(
    String fault,
    String tool,
    @Nullable String transport,
    int calls,
    int inFlight,
    int faultsInFlight,
    int failed,
    int unknown,
    int lost,
    int duplicated,
    int late,
    @Nullable Double p50Millis,
    @Nullable Double p99Millis,
    @Nullable Double p99BeforeMillis,
    @Nullable Double p99AfterMillis,
    @Nullable Double maxMillis,
    @Nullable Double failoverMillis,
    @Nullable Double failbackMillis,
    Map<String, Integer> failures) {
  public Report {
    p50Millis = tenths(p50Millis);
    p99Millis = tenths(p99Millis);
    p99BeforeMillis = tenths(p99BeforeMillis);
    p99AfterMillis = tenths(p99AfterMillis);
    maxMillis = tenths(maxMillis);
    failoverMillis = tenths(failoverMillis);
    failbackMillis = tenths(failbackMillis);
  }

  private static @Nullable Double tenths(@Nullable Double millis) {
    return millis == null ? null : Math.round(millis * 10) / 10.0;
  }

  public boolean passed() {
    return failed == 0 && lost == 0 && duplicated == 0 && late == 0;
  }

  /** Returns whether the tool is one of a mounted server. */
  public boolean mounted() {
    return transport != null;
  }

  public static String json(List<Report> reports) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(reports);
  }
}
