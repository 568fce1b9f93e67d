package com.mcpist.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * On Ctrl-C the thread that works is interrupted, and this process ends once it has given back what
 * it holds: a lock, a lease.
 */
final class Interruption implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  private final CountDownLatch over = new CountDownLatch(1);

  private Interruption() {}

  static Interruption ofThisThread() {
    Interruption interruption = new Interruption();
    Thread worker = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().unstarted(() -> interruption.stop(worker)));
    return interruption;
  }

  private void stop(Thread worker) {
    if (over.getCount() == 0) {
      return;
    }
    worker.interrupt();
    try {
      var _ = over.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over.countDown();
  }
}
