package com.mcpist.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits until something is so. The limit is only there to end a test that will never pass, so it is
 * generous: a machine that is busy with other work must not turn a test red.
 */
public final class Conditions {

  /** How long is waited when a test does not say. */
  public static final Duration LIMIT = Duration.ofMinutes(1);

  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

  // Who waits for seconds looks less often: a look may be a request, and it takes from what is
  // waited for.
  private static final long LONGEST_POLL_NANOS = Duration.ofMillis(50).toNanos();
  private static final int SHARE_OF_WAIT = 20;

  /**
   * A condition; one that throws does not hold yet, and what it threw is told when it never does.
   */
  @FunctionalInterface
  public interface Check {
    boolean holds() throws Exception;
  }

  /** Assertions that pass in the end; the last failure is told when they never do. */
  @FunctionalInterface
  public interface Assertions {
    void run() throws Exception;
  }

  private Conditions() {}

  /**
   * Waits for {@link #LIMIT} at most.
   *
   * @param what completes the sentence "did not become true in 60 s: …"
   */
  public static void await(String what, Check check) {
    await(what, LIMIT, check);
  }

  /**
   * Waits until the condition holds.
   *
   * @throws AssertionError when the limit has passed
   */
  public static void await(String what, Duration limit, Check check) {
    awaitValue(what, limit, () -> check.holds() ? Optional.of(true) : Optional.empty());
  }

  /** Waits until a value is there, and returns it. The last look is after the limit. */
  public static <T> T awaitValue(String what, Duration limit, Callable<Optional<T>> source) {
    long begin = System.nanoTime();
    long end = begin + limit.toNanos();
    @Nullable Throwable failure;
    boolean over = false;
    while (true) {
      try {
        Optional<T> value = source.call();
        if (value.isPresent()) {
          return value.get();
        }
        failure = null;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting: " + what, e);
      } catch (Exception | AssertionError e) {
        failure = e;
      }
      if (over || Thread.currentThread().isInterrupted()) {
        break;
      }
      LockSupport.parkNanos(pause(System.nanoTime() - begin));
      over = System.nanoTime() - end >= 0;
    }
    String because = failure == null ? "" : " (" + failure + ")";
    throw new AssertionError(
        "did not become true in " + limit.toMillis() / 1000.0 + " s: " + what + because, failure);
  }

  private static long pause(long waited) {
    return Math.clamp(waited / SHARE_OF_WAIT, POLL_NANOS, LONGEST_POLL_NANOS);
  }

  /** Repeats assertions until they pass. */
  public static void awaitAsserted(Duration limit, Assertions assertions) {
    awaitValue(
        "the assertions",
        limit,
        () -> {
          assertions.run();
          return Optional.of(true);
        });
  }
}
