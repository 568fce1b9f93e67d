package com.mcpist.pair.process;

import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Starts processes beside the one that is kept, one at a time, and hands them to the keeper. */
final class Successor {
  /** A new process that is ready waits for the keeper's own thread, which only looks at things. */
  private static final Duration HANDOVER_LIMIT = Duration.ofSeconds(30);

  private final LastWords texts;
  private final RestartRequests requests;
  private final Outcome outcome;
  private final BooleanSupplier stopping;
  private final Semaphore turn = new Semaphore(1);
  private volatile @Nullable Candidate candidate;

  /**
   * @param requests where the keeper finds it
   * @param stopping whether everything stops
   */
  Successor(LastWords texts, RestartRequests requests, Outcome outcome, BooleanSupplier stopping) {
    this.texts = texts;
    this.requests = requests;
    this.outcome = outcome;
    this.stopping = stopping;
  }

  /** As {@link Keeper#overlap}. */
  void start(Program next, Takeover takeover, Duration stopLimit, Duration readyLimit)
      throws PairException, InterruptedException {
    turn.acquire();
    try {
      Candidate starting = new Candidate(next, takeover, texts);
      candidate = starting;
      Restart restart = Restart.by(starting.start(stopLimit, readyLimit, stopping));
      requests.put(restart);
      try {
        outcome.await(restart.failure(), HANDOVER_LIMIT);
      } catch (PairException e) {
        requests.withdraw(restart);
        starting.end(stopLimit);
        throw e;
      }
    } finally {
      candidate = null;
      turn.release();
    }
  }

  /** The process that is being started. */
  Optional<Process> process() {
    return Optional.ofNullable(candidate).map(Candidate::process);
  }

  /** Waits until none is being started. */
  void awaitNone() throws InterruptedException {
    turn.acquire();
    turn.release();
  }
}
