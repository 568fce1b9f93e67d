package com.mcpist.edge.gate;

import java.util.Map;

/**
 * A rejection, and what its answer's header says of it.
 *
 * @param headers by name
 */
public record Refusal(Rejection rejection, Map<String, String> headers) {
  private static final String SOON_SECONDS = "1";

  /** With the headers that it has always. */
  public static Refusal of(Rejection rejection) {
    return new Refusal(
        rejection,
        rejection == Rejection.OVERLOADED ? Map.of("Retry-After", SOON_SECONDS) : Map.of());
  }
}
