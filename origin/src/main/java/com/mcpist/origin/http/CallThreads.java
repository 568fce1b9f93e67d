package com.mcpist.origin.http;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.MDC;

/**
 * The threads that answer requests. A platform thread waits for the database at half the cost, and
 * a virtual one takes little memory: so there are a few platform threads, and a virtual thread for
 * each request that finds them all at work.
 */
final class CallThreads implements Executor {
  private static final int PLATFORM_THREADS = 8;
  private static final int IDLE_SECONDS = 60;

  private final ExecutorService virtual =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 0).factory());
  private final ExecutorService platform =
      new ThreadPoolExecutor(
          0,
          PLATFORM_THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().name("call-", 0).factory(),
          (request, full) -> virtual.execute(request));

  @Override
  public void execute(Runnable request) {
    platform.execute(
        () -> {
          try {
            request.run();
          } finally {
            MDC.clear(); // What the log says of it.
          }
        });
  }

  /** Interrupts all, and waits so long at most; whether they have ended. */
  boolean stop(int millis) throws InterruptedException {
    platform.shutdownNow();
    virtual.shutdownNow();
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    return platform.awaitTermination(millis, TimeUnit.MILLISECONDS)
        && virtual.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
  }
}
