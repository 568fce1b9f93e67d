package com.mcpist.drill;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one kind of fault did. Times are in milliseconds, and null where there was nothing to
 * measure. Percentiles are of the calls at full speed; everything else is of all calls.
 *
 * @param fault the fault's label
 * @param calls calls made
 * @param inFlight calls in flight at the moments of the faults, added up
 * @param faultsInFlight faults that met a call in flight
 * @param failed calls whose client got an error, or no answer
 * @param lost calls that were answered as done and are not in the database
 * @param duplicated calls that are in the database more than once, or that are there though their
 *     client was told they may be sent again
 * @param p50Millis half of the calls took no longer
 * @param p99Millis 99 of 100 calls took no longer
 * @param p99BeforeMillis the same, of the calls that ended before the fault of their round
 * @param p99AfterMillis the same, of those that began when another origin had taken over
 * @param maxMillis the longest call
 * @param failoverMillis the longest time from a fault until another origin had answered a call; for
 *     a fault after which the same one can, until any had
 * @param failbackMillis the longest time from the end of a fault of the primary until it answered
 *     again
 * @param failures what failed calls said, and how often
 */
public record Report(
    String fault,
    int calls,
    int inFlight,
    int faultsInFlight,
    int failed,
    int lost,
    int duplicated,
    @Nullable Double p50Millis,
    @Nullable Double p99Millis,
    @Nullable Double p99BeforeMillis,
    @Nullable Double p99AfterMillis,
    @Nullable Double maxMillis,
    @Nullable Double failoverMillis,
    @Nullable Double failbackMillis,
    Map<String, Integer> failures) {
  /** Whether nothing failed, was lost or ran twice. */
  public boolean passed() {
    return failed == 0 && lost == 0 && duplicated == 0;
  }

  /** The reports as a JSON array. */
  public static String json(List<Report> reports) {
    JsonMapper json = JsonMapper.shared();
    ArrayNode array = json.createArrayNode();
    reports.forEach(report -> report.addTo(array));
    return json.writerWithDefaultPrettyPrinter().writeValueAsString(array);
  }

  private void addTo(ArrayNode array) {
    ObjectNode node =
        array
            .addObject()
            .put("fault", fault)
            .put("calls", calls)
            .put("inFlight", inFlight)
            .put("faultsInFlight", faultsInFlight)
            .put("failed", failed)
            .put("lost", lost)
            .put("duplicated", duplicated)
            .put("p50Millis", tenths(p50Millis))
            .put("p99Millis", tenths(p99Millis))
            .put("p99BeforeMillis", tenths(p99BeforeMillis))
            .put("p99AfterMillis", tenths(p99AfterMillis))
            .put("maxMillis", tenths(maxMillis))
            .put("failoverMillis", tenths(failoverMillis))
            .put("failbackMillis", tenths(failbackMillis));
    failures.forEach(node.putObject("failures")::put);
  }

  private static @Nullable Double tenths(@Nullable Double millis) {
    return millis == null ? null : Math.round(millis * 10) / 10.0;
  }
}
