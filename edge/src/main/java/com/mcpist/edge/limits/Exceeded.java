package com.mcpist.edge.limits;

/**
 * A limit that a request has met, in the words of the RateLimit headers.
 *
 * @param policy the value of RateLimit-Policy
 * @param state the value of RateLimit
 * @param retryAfterSeconds when it may come again
 */
public record Exceeded(String policy, String state, long retryAfterSeconds) {
  static Exceeded of(String name, int quota, int windowSeconds, long waitNanos) {
    long seconds = Math.max(1, Math.ceilDiv(waitNanos, 1_000_000_000L));
    return new Exceeded(
        "\"%s\";q=%d;w=%d".formatted(name, quota, windowSeconds),
        "\"%s\";r=0;t=%d".formatted(name, seconds),
        seconds);
  }
}
