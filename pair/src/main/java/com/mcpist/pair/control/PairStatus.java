package com.mcpist.pair.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a pair is. There is no secret in it.
 *
 * @param origins in the order in which the edge prefers them
 */
public record PairStatus(Edge edge, List<Origin> origins, Database database) {
  /**
   * @param url where clients connect, without the path
   * @param pid null while it is down
   */
  public record Edge(String url, @Nullable Long pid) {}

  /**
   * @param pid null while it is down
   * @param state healthy, suspect, unhealthy or drained, as the edge sees it
   * @param active whether new calls go to it
   * @param release null where the edge has not heard it yet
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

  /**
   * Why an origin failed last.
   *
   * @param at an instant, ISO 8601
   */
  public record LastFailure(String at, String reason) {}

  /**
   * @param url without the password
   */
  public record Database(String url) {}
}
