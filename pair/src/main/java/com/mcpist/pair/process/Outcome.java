package com.mcpist.pair.process;

import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for what becomes of a program.
 *
 * @param end completes with what is told when the program is kept no more
 */
record Outcome(LastWords texts, CompletableFuture<String> end) {
  /**
   * Waits.
   *
   * @param failure completes with what went wrong, or empty
   * @throws PairException where something went wrong, or it takes longer than the limit
   */
  void await(CompletableFuture<String> failure, Duration limit)
      throws PairException, InterruptedException {
    try {
      Object text =
          CompletableFuture.anyOf(failure, end).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!"".equals(text)) {
        throw new PairException(String.valueOf(text));
      }
    } catch (TimeoutException e) {
      throw new PairException(texts.notReady(limit), e);
    } catch (ExecutionException e) {
      throw new PairException(texts.notStarted(), e);
    }
  }
}
