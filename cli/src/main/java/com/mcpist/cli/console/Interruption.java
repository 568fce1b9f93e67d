package com.mcpist.cli.console;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * On Ctrl-C the thread that works is interrupted, and this process ends once it has given back what
 * it holds: a lock, a lease.
 */
public final class Interruption implements AutoCloseable {
  private final CountDownLatch over = new CountDownLatch(1);

  private Interruption() {}

  public static Interruption ofThisThread() {
    return ofThisThread(Duration.ofSeconds(30));
  }

  /**
   * The same.
   *
   * @param limit how long the thread may take to give back what it holds
   */
  public static Interruption ofThisThread(Duration limit) {
    Interruption interruption = new Interruption();
    Thread worker = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().unstarted(() -> interruption.stop(worker, limit)));
    return interruption;
  }

  private void stop(Thread worker, Duration limit) {
    if (over.getCount() == 0) {
      return;
    }
    worker.interrupt();
    try {
      var _ = over.await(limit.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over.countDown();
  }
}
