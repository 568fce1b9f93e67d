package com.mcpist.testkit.vendor;

import java.util.Map;

/** What a vendor's stand-in does wrong with a request, once. */
public sealed interface Fault {

  /** An error instead of an answer; the request has no effect. */
  record Status(int status, Map<String, String> headers, String body) implements Fault {}

  /**
   * The connection is reset.
   *
   * @param acted whether the request takes effect before
   */
  record Cut(boolean acted) implements Fault {}

  /** The request takes effect, and the connection is reset in the middle of the answer. */
  record CutInAnswer() implements Fault {}

  /** Nothing comes, and the request has no effect. */
  record Silence() implements Fault {}

  /** The request takes effect, and what comes is no JSON. */
  record Garbage() implements Fault {}

  /** An error with the vendor's own words. */
  static Fault status(int status, String body) {
    return new Status(status, Map.of(), body);
  }

  /** Too many requests, until so many seconds have passed. */
  static Fault tooMany(String header, int seconds) {
    return new Status(
        429, Map.of(header, Integer.toString(seconds)), "{\"message\":\"slow down\"}");
  }
}
