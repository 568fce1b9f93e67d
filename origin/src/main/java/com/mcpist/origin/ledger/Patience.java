package com.mcpist.origin.ledger;

import com.mcpist.origin.module.AttemptFailedException;
import com.mcpist.origin.module.Invocation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for another attempt to end, holding no connection meanwhile. */
final class Patience {
  private static final long FIRST_MILLIS = 10;
  private static final long LONGEST_MILLIS = 200;

  private final Invocation invocation;
  private final long endNanos;
  private long millis = FIRST_MILLIS;

  Patience(Invocation invocation, Duration withoutDeadline) {
    this.invocation = invocation;
    Instant deadline = invocation.attempt().deadline();
    Duration most = deadline == null ? withoutDeadline : Duration.between(Instant.now(), deadline);
    this.endNanos = System.nanoTime() + most.toNanos();
  }

  /**
   * Waits a little, longer each time.
   *
   * @throws AttemptFailedException when the attempt has waited for as long as it may
   */
  void pause() throws InterruptedException, AttemptFailedException {
    if (invocation.cancelled()) {
      throw failed(new CancellationException("the call was cancelled"));
    }
    if (System.nanoTime() - endNanos >= 0) {
      throw failed(new TimeoutException("it has waited long enough"));
    }
    TimeUnit.MILLISECONDS.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis));
    millis = Math.min(LONGEST_MILLIS, millis * 2);
  }

  private static AttemptFailedException failed(Exception why) {
    return new AttemptFailedException(
        "Another attempt is at this call, and " + why.getMessage(), why);
  }
}
