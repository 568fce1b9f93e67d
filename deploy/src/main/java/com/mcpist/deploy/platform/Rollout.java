package com.mcpist.deploy.platform;

import com.mcpist.deploy.time.Deadline;
import java.util.Collection;
import java.util.function.Consumer;

/**
 * A release on its way. {@link #close} it in every case: a rollout may hold a vendor's lock, which
 * is given back then, and also when the program is stopped by a signal.
 */
public interface Rollout extends AutoCloseable {
  /** Whether nothing had to be changed: what was wanted ran, or was on its way, already. */
  boolean unchanged();

  /**
   * Waits until all of the origin runs the release and the platform reports it healthy. Where a
   * platform has several machines, this is also what updates one after the other.
   *
   * @throws PlatformException {@link PlatformException.Kind#FAILED} as soon as the platform says
   *     that it will not become healthy; {@link PlatformException.Kind#DEADLINE} with the last
   *     state seen
   */
  Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException;

  /** Gives back what it holds on the platform. What is on its way goes on. Never throws. */
  @Override
  default void close() {}

  /** Waits until threads have ended, however often the caller is interrupted: that is kept. */
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

  record Step(String part, Release.State state, String told, String detail) {}
}
