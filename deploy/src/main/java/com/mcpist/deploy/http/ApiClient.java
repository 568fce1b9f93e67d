package com.mcpist.deploy.http;

import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Speaks JSON with one vendor. A call is tried again when that does no harm: when nothing was sent,
 * when the vendor said that it has had too many, and, for a repeatable call, when the vendor failed
 * or fell silent.
 */
public final class ApiClient {
  private static final int ATTEMPTS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);

  private final Exchange exchange;
  private final Limiter limiter;
  private final Time time;
  private final int attempts;

  /**
   * @param base the interface's address, as {@code https://app.koyeb.com}
   * @param authorization the whole value of the header; empty for a call that needs none
   * @param hidden every form of what the header contains that no message may repeat
   * @param timeout how long one attempt may take
   */
  public ApiClient(
      URI base, Optional<Secret> authorization, List<Secret> hidden, Duration timeout, Time time) {
    this(
        new Exchange(base, authorization, hidden, timeout, time),
        new Limiter(time),
        time,
        ATTEMPTS);
  }

  private ApiClient(Exchange exchange, Limiter limiter, Time time, int attempts) {
    this.exchange = exchange;
    this.limiter = limiter;
    this.time = time;
    this.attempts = attempts;
  }

  /** The same, for whoever looks again by itself: no call is tried a second time. */
  public ApiClient once() {
    return new ApiClient(exchange, limiter, time, 1);
  }

  /**
   * Makes a call.
   *
   * @throws ApiException when it failed, or the deadline passed
   * @throws InterruptedException when the thread was interrupted; the call may have acted
   */
  public Answer send(Call call, Deadline deadline) throws ApiException, InterruptedException {
    for (int attempt = 1; true; attempt++) {
      awaitTurn(call, deadline);
      try {
        return exchange.send(call, deadline);
      } catch (ApiException e) {
        boolean again = e.passing() && (call.repeatable() || e.untouched());
        if (!again || attempt == attempts) {
          throw e;
        }
        pause(e, attempt, deadline);
      }
    }
  }

  private void awaitTurn(Call call, Deadline deadline) throws ApiException, InterruptedException {
    Duration turn = call.pace().map(limiter::take).orElse(Duration.ZERO);
    if (deadline.passed() || turn.compareTo(deadline.remaining()) > 0) {
      throw new ApiException(
          call, Reason.DEADLINE, "there was no time left, of " + seconds(deadline.length()));
    }
    if (!turn.isZero()) {
      time.sleep(turn);
    }
  }

  /** Waits as long as the vendor asks, or longer each time; fails at once when that is too long. */
  private void pause(ApiException e, int attempt, Deadline deadline)
      throws ApiException, InterruptedException {
    Duration pause = e.askedWait().orElseGet(() -> backoff(attempt));
    if (pause.compareTo(deadline.remaining()) >= 0) {
      throw e;
    }
    time.sleep(pause);
  }

  /** Half fixed and half by chance, so that two who failed together do not come back together. */
  private static Duration backoff(int attempt) {
    Duration full = FIRST_PAUSE.multipliedBy(1L << (attempt - 1));
    long millis = Math.min(full.toMillis(), LONGEST_PAUSE.toMillis());
    return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
  }

  /** A duration as a person reads it. */
  public static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
