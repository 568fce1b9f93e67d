package com.mcpist.pair;

import com.mcpist.pair.PairEvent.Kind;
import com.mcpist.pair.data.PairException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A pair whose supervisor is this very process: it ends with it, however that ends. */
public final class HostedPair implements AutoCloseable {
  private final Supervisor supervisor;
  private final Thread thread;

  private HostedPair(Supervisor supervisor, Thread thread) {
    this.supervisor = supervisor;
    this.thread = thread;
  }

  /**
   * Starts it, and returns when it is ready.
   *
   * @param events told of each step of the start and the stop, and of what happens meanwhile
   * @throws PairException where it does not start; nothing of it is left then
   */
  public static HostedPair start(PairOptions options, Consumer<PairEvent> events)
      throws PairException, InterruptedException {
    BlockingQueue<PairEvent> ends = new LinkedBlockingQueue<>();
    Supervisor supervisor =
        new Supervisor(
            options,
            event -> {
              if (event.kind() == Kind.READY || event.kind() == Kind.FAILED) {
                ends.add(event);
              }
              events.accept(event);
            });
    Thread thread =
        Thread.ofPlatform().daemon().name("supervisor").start(() -> run(supervisor, ends));
    HostedPair pair = new HostedPair(supervisor, thread);
    try {
      PairEvent end = ends.take();
      if (end.kind() == Kind.READY) {
        return pair;
      }
      pair.close();
      throw new PairException(end.text());
    } catch (InterruptedException e) {
      pair.close();
      throw e;
    }
  }

  private static void run(Supervisor supervisor, BlockingQueue<PairEvent> ends) {
    if (!supervisor.run()) {
      ends.add(PairEvent.of(Kind.FAILED, "the start of the pair was stopped"));
    }
  }

  /** Stops it; when this returns nothing of it runs. */
  @Override
  public void close() {
    supervisor.requestStop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true; // What stops here must not be left half stopped.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
