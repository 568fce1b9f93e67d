package com.mcpist.pair.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The restart that was asked for, at most one. Either the keeper takes it, or who asked for it
 * withdraws it: none is done after nobody waits for it any more.
 */
final class RestartRequests {
  private final AtomicReference<CompletableFuture<Restart>> next =
      new AtomicReference<>(new CompletableFuture<>());

  /** False where another one is asked for already. */
  boolean ask(Restart restart) {
    return next.get().complete(restart);
  }

  /** Whether one is asked for that nobody has taken yet. */
  boolean isAsked() {
    return next.get().isDone();
  }

  /** As {@link #ask}, in the place of another one that nobody has taken yet. */
  void put(Restart restart) {
    while (!ask(restart)) {
      Restart older = take();
      if (older != null) {
        older.failure().complete("another release has come in between");
      }
    }
  }

  /** The one that is asked for; null where there is none, or no more. */
  @Nullable Restart take() {
    CompletableFuture<Restart> asked = next.get();
    return asked.isDone() && next.compareAndSet(asked, new CompletableFuture<>())
        ? asked.resultNow()
        : null;
  }

  /** Waits for one, and takes it; null: the process has ended before. */
  @Nullable Restart takeUnlessEnded(Process process) throws InterruptedException {
    while (true) {
      try {
        CompletableFuture.anyOf(process.onExit(), next.get()).get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
      Restart restart = take();
      if (restart != null || !process.isAlive()) {
        return restart;
      }
    }
  }

  /** Where it is taken already nothing happens. */
  void withdraw(Restart restart) {
    CompletableFuture<Restart> asked = next.get();
    if (asked.isDone() && asked.resultNow().equals(restart)) {
      next.compareAndSet(asked, new CompletableFuture<>());
    }
  }
}
