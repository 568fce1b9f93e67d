package com.mcpist.pair.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A restart that was asked for.
 *
 * @param stopLimit how long the old process may take to stop where the new one must wait for that
 * @param readyLimit how long the new process may take
 * @param failure completes when it is done: with what went wrong, or empty
 */
record Restart(Duration stopLimit, Duration readyLimit, CompletableFuture<String> failure) {
  static Restart asked(Duration stopLimit, Duration readyLimit) {
    return new Restart(stopLimit, readyLimit, new CompletableFuture<>());
  }
}
