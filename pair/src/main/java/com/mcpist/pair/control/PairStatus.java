package com.mcpist.pair.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a pair is, without secrets; the origins are in the order in which the edge prefers them. */
public record PairStatus(Edge edge, List<Origin> origins, Database database) {
  /** Where clients connect, without the path; its pid is null while it is down. */
  public record Edge(String url, @Nullable Long pid) {}

  /**
   * One origin; its pid is null while it is down, its release until the edge has heard of it.
   *
   * @param state healthy, suspect, unhealthy or drained, as the edge sees it
   * @param active whether new calls go to it
   */
  public record Origin(
      String name,
      String url,
      @Nullable Long pid,
      String state,
      boolean active,
      @Nullable String release,
      @Nullable LastFailure lastFailure) {
    public boolean drained() {
      return state.equals("drained");
    }
  }

  /** Why an origin failed last, and at which instant, in ISO 8601. */
  public record LastFailure(String at, String reason) {}

  /** Its URL is without the password. */
  public record Database(String url) {}
}
