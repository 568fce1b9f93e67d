package com.mcpist.origin.db;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that is done again and again, at about an interval or when it is wanted, until it is closed.
 */
public final class Background implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Background.class);

  /** What is done; where it fails, it is tried again after the interval. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  private final String name;
  private final Duration interval;
  private final Work work;
  private final Semaphore wanted = new Semaphore(0);
  private final Thread thread;

  public Background(String name, Duration interval, Work work) {
    this.name = name;
    this.interval = interval;
    this.work = work;
    this.thread = Thread.ofVirtual().name(name).start(this::repeat);
  }

  private void repeat() {
    boolean failing = false;
    while (!Thread.currentThread().isInterrupted()) {
      try {
        // Between half and one and a half of it, so that origins do not work in step.
        long millis = interval.toMillis();
        var _ =
            wanted.tryAcquire(
                millis / 2 + ThreadLocalRandom.current().nextLong(millis), TimeUnit.MILLISECONDS);
        wanted.drainPermits();
        work.run();
        failing = false;
      } catch (InterruptedException e) {
        return;
      } catch (Throwable e) { // After an Error too, whoever relies on this work goes on.
        if (!failing) {
          LOG.warn("{} failed, and will be tried again: {}", name, Database.firstLine(e));
        }
        failing = true;
      }
    }
  }

  /** Has it done now, and not only after the interval. */
  public void now() {
    wanted.release();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
