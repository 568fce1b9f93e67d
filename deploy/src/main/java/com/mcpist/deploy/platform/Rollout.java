package com.mcpist.deploy.platform;

import module java.base;

import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.time.Deadline;

/**
 * A release on its way to an origin. {@link #close} it in every case: it may hold a vendor's lock,
 * which is released on a signal too.
 */
public interface Rollout extends AutoCloseable {
  /**
   * Returns true if nothing had to be changed, because the wanted release ran or was starting
   * already.
   */
  boolean unchanged();

  /**
   * Waits until all of the origin runs the release and the platform reports it healthy. On a
   * platform with several machines, this call also updates the machines one after the other.
   *
   * @throws PlatformException {@link PlatformException.Kind#FAILED} as soon as the platform says
   *     that the release will not become healthy; {@link PlatformException.Kind#DEADLINE} with the
   *     last state seen
   */
  Release awaitHealthy(Consumer<Step> observer, Deadline deadline) throws InterruptedException;

  /**
   * Gives back what the rollout holds on the platform. A release that is starting goes on. Never
   * throws.
   */
  @Override
  default void close() {}

  /**
   * Waits until threads have ended, even if the caller is interrupted. The caller's interrupt
   * status is kept.
   */
  static void awaitAll(Collection<Thread> threads) {
    boolean interrupted = Thread.interrupted();
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  record Step(String part, Release.State state, String told, String detail) {
    @Override
    public String toString() {
      return detail.isEmpty() ? told : told + " (" + detail + ")";
    }
  }

  /**
   * Polls until something is healthy, or never will be. The platform may be unreachable in the
   * meantime.
   */
  record HealthWait(
      String platform, Consumer<Step> observer, Deadline deadline, Duration interval) {
    public interface Look<T> {
      T look() throws InterruptedException;
    }

    /**
     * Waits until the thing is healthy. Throws {@link PlatformException} if it never will be, or if
     * the deadline has passed.
     */
    public <T> T until(Look<T> look, Function<T, Step> judge) throws InterruptedException {
      Optional<Step> last = Optional.empty();
      String failure = "";
      while (true) {
        try {
          T seen = look.look();
          failure = "";
          Step step = judge.apply(seen);
          if (!last.equals(Optional.of(step))) {
            last = Optional.of(step);
            observer.accept(step);
          }
          switch (step.state()) {
            case HEALTHY -> {
              return seen;
            }
            case FAILED, STOPPED -> throw failed(step);
            case PROGRESSING, UNHEALTHY -> {}
          }
        } catch (PlatformException e) {
          failure =
              switch (e.kind()) {
                case UNAVAILABLE, RATE_LIMITED -> "; the last look failed (" + e.getMessage() + ")";
                case DEADLINE -> throw late(last, failure);
                default -> throw e;
              };
        }
        if (deadline.passed()) {
          throw late(last, failure);
        }
        deadline.sleep(interval);
      }
    }

    private PlatformException failed(Step step) {
      return new PlatformException(
          Kind.FAILED,
          platform,
          "wait for " + step.part(),
          "the release will not become healthy: it is " + step,
          "Read its logs, mend it, and deploy again; the release before can be put back");
    }

    private PlatformException late(Optional<Step> last, String failure) {
      String seen = last.map(step -> "it is still " + step).orElse("nothing was seen of it");
      return new PlatformException(
          Kind.DEADLINE,
          platform,
          "wait for " + last.map(Step::part).orElse("the release"),
          "not healthy after " + ApiClient.seconds(deadline.length()) + ": " + seen + failure,
          "Read its logs; run it again to go on waiting, or put the release before back");
    }
  }
}
