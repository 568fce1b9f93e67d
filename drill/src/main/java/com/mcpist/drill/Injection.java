package com.mcpist.drill;

/**
 * One fault as it was injected. Instants are of {@link System#nanoTime}.
 *
 * @param origin the origin that served
 * @param primary whether that is the one that the edge prefers
 * @param roundNanos when the calls of its round began
 * @param fromNanos before which all was well
 * @param byNanos when it was done
 * @param untilNanos when its cause was taken away; byNanos where it does not last
 */
record Injection(
    String origin,
    boolean primary,
    long roundNanos,
    long fromNanos,
    long byNanos,
    long untilNanos) {

  /** Whether the call was surely on its way when the fault came. */
  boolean met(CallRecord call) {
    return call.startNanos() < fromNanos && call.endNanos() > byNanos;
  }
}
