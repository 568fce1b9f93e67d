package com.mcpist.pair;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The request to stop a pair. It interrupts whoever starts the pair, and never whoever stops it: an
 * interrupted stop would leave something behind.
 */
final class StopRequest {
  private final CountDownLatch made = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock: the thread that a request interrupts. */
  private @Nullable Thread starter;

  /** Makes it; again does nothing more. */
  void make() {
    made.countDown();
    interruptStarter();
  }

  /** From now on a request, one made before too, interrupts this thread. */
  void beginStart() {
    lock.lock();
    try {
      starter = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    if (made.getCount() == 0) {
      interruptStarter();
    }
  }

  private void interruptStarter() {
    lock.lock();
    try {
      if (starter != null) {
        starter.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** From now on no request interrupts this thread, and none has; may be called again. */
  void endStart() {
    lock.lock();
    try {
      starter = null;
    } finally {
      lock.unlock();
    }
    var _ = Thread.interrupted();
  }

  void await() throws InterruptedException {
    made.await();
  }
}
