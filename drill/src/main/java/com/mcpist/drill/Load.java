package com.mcpist.drill;

import com.mcpist.drill.Analysis.CallRecord;
import com.mcpist.drill.link.FaultProxy;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Clients that call tools, each one call after another.
 *
 * <p>They make the calls that they have been granted at full speed, all at once, so that every
 * fault meets calls in flight. While there is none left the first of them makes a call now and
 * then: what happens while the pair recovers is seen too.
 */
final class Load implements AutoCloseable {
  private static final Duration PACE = Duration.ofMillis(50);

  /** How many bytes of an answer pass before a reset inside it: of its head, of its body. */
  private static final int[] INSIDE = {40, 400};

  private final List<Callee> callees;
  private final Map<Callee, Queue<CallRecord>> records = new ConcurrentHashMap<>();
  private final Semaphore granted = new Semaphore(0);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();
  private final ToolClient client;
  private final String run;
  private final boolean counts;
  private final @Nullable FaultProxy link;
  private volatile boolean stopped;

  /**
   * Starts them; they call the callees in turn. The run's 16 hexadecimal digits are in the text of
   * each call. Where clients send again, every second call of a callee is the same one, so that it
   * is counted how often it was done.
   */
  Load(URI mcp, List<Callee> callees, String run, int clients, Fault fault) throws PairException {
    this.callees = List.copyOf(callees);
    callees.forEach(callee -> records.put(callee, new ConcurrentLinkedQueue<>()));
    this.link = fault == Fault.CLIENT ? open(mcp) : null;
    URI through = link == null ? mcp : mcp.resolve("http://127.0.0.1:" + link.port() + "/mcp");
    this.client = new ToolClient(through, ToolClient.PATIENCE, fault.ofClients());
    this.run = run;
    this.counts = fault.ofClients();
    for (int i = 0; i < clients; i++) {
      int client = i;
      threads.add(Thread.ofVirtual().name("drill-client-" + i).start(() -> work(client)));
    }
  }

  private static FaultProxy open(URI mcp) throws PairException {
    try {
      return FaultProxy.open(new InetSocketAddress(mcp.getHost(), mcp.getPort()));
    } catch (IOException e) {
      throw new PairException("no link can be opened: " + e.getMessage(), e);
    }
  }

  /** Lets the clients make so many more calls at full speed. */
  void grant(int calls) {
    granted.release(calls);
  }

  /** Cuts the clients' connections until {@link #mend}, in round 1, 2, … in another way. */
  void cut(int round) {
    FaultProxy cut = Objects.requireNonNull(link);
    switch (round % 3) {
      case 1 -> cut.resetResponsesAfter(0);
      case 2 -> cut.resetResponsesAfter(INSIDE[round / 3 % INSIDE.length]);
      default -> client.closing(true);
    }
  }

  void mend() {
    client.closing(false);
    if (link != null) {
      link.mend();
    }
  }

  /** How many of the granted calls have not begun. */
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

  /** The calls of one callee, in the order of their ends. */
  List<CallRecord> records(Callee callee) {
    return List.copyOf(Objects.requireNonNull(records.get(callee)));
  }

  private void work(int client) {
    try {
      while (!stopped) {
        if (granted.tryAcquire(PACE.toMillis(), TimeUnit.MILLISECONDS)) {
          call(client, false);
        } else if (client == 0) {
          call(client, true);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void call(int caller, boolean paced) throws InterruptedException {
    int number = begun.incrementAndGet();
    // Two calls in a row are of one callee: one of a text of its own, and an equal one.
    Callee callee = callees.get(number / 2 % callees.size());
    String text = callee.text(run, caller, number, counts && number % 2 == 0);
    try {
      Objects.requireNonNull(records.get(callee)).add(client.call(callee, text, paced));
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

  /** Gives up what is still in flight. */
  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
    client.close();
    if (link != null) {
      link.close();
    }
  }
}
