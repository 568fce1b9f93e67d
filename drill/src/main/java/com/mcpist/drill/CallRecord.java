package com.mcpist.drill;

import org.jspecify.annotations.Nullable;

/**
 * One call as its client saw it. Instants are of {@link System#nanoTime}.
 *
 * @param title the title it asked to be saved, which no other call has
 * @param paced one of those that a single client makes between the rounds, at its leisure
 * @param startNanos when it was sent
 * @param endNanos when its answer was whole
 * @param servedBy the origin that answered; null where none did
 * @param failure what went wrong, in a sentence; null for a result
 * @param mayBeSentAgain whether a failure said that the call had no effect and will have none
 */
record CallRecord(
    String title,
    boolean paced,
    long startNanos,
    long endNanos,
    @Nullable String servedBy,
    @Nullable String failure,
    boolean mayBeSentAgain) {

  boolean ok() {
    return failure == null;
  }

  double millis() {
    return (endNanos - startNanos) / 1e6;
  }
}
