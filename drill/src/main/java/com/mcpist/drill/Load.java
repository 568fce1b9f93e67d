package com.mcpist.drill;

import com.mcpist.drill.Analysis.CallRecord;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that save, one call after another.
 *
 * <p>They make the calls that they have been granted at full speed, all at once, so that every
 * fault meets calls in flight. While there is none left the first of them makes a call now and
 * then: what happens while the pair recovers is seen too.
 */
final class Load implements AutoCloseable {
  private static final Duration PACE = Duration.ofMillis(50);

  private final Queue<CallRecord> records = new ConcurrentLinkedQueue<>();
  private final Semaphore granted = new Semaphore(0);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();
  private final SaveClient client;
  private final String run;
  private volatile boolean stopped;

  /** Starts them; the run's 16 hexadecimal digits are in the title of each call. */
  Load(URI mcp, String run, int clients) {
    this.client = new SaveClient(mcp, SaveClient.PATIENCE);
    this.run = run;
    for (int i = 0; i < clients; i++) {
      boolean pacing = i == 0;
      threads.add(Thread.ofVirtual().name("drill-client-" + i).start(() -> work(pacing)));
    }
  }

  void grant(int calls) {
    granted.release(calls);
  }

  int left() {
    return granted.availablePermits();
  }

  /** How many calls are in flight, at least. */
  int inFlight() {
    int before = begun.get();
    return before - ended.get();
  }

  int ended() {
    return ended.get();
  }

  /** In the order of their ends. */
  List<CallRecord> records() {
    return List.copyOf(records);
  }

  private void work(boolean pacing) {
    try {
      while (!stopped) {
        if (granted.tryAcquire(PACE.toMillis(), TimeUnit.MILLISECONDS)) {
          call(false);
        } else if (pacing) {
          call(true);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void call(boolean paced) throws InterruptedException {
    String title = SavedRows.title(run, begun.incrementAndGet());
    try {
      records.add(client.save(title, paced));
    } finally {
      ended.incrementAndGet();
    }
  }

  /** Makes no more calls, and returns when those in flight have ended, or after the limit. */
  void finish(Duration limit) throws InterruptedException {
    stopped = true;
    long end = System.nanoTime() + limit.toNanos();
    for (Thread thread : threads) {
      thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    }
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
    client.close();
  }
}
