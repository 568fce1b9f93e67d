package com.mcpist.deploy.release;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

public final class Concurrently {
  private Concurrently() {}

  public interface Work<T, R, E extends Exception> {
    R of(T item) throws E, InterruptedException;
  }

  public static <T, R, E extends Exception> List<R> each(
      List<T> items, Class<E> failure, Work<T, R, E> work) throws E, InterruptedException {
    List<Callable<R>> calls = new ArrayList<>();
    items.forEach(item -> calls.add(() -> work.of(item)));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<R>> ended = threads.invokeAll(calls);
      for (Future<R> one : ended) {
        if (one.state() == Future.State.FAILED) {
          Throwable cause = one.exceptionNow();
          if (failure.isInstance(cause)) {
            throw failure.cast(cause);
          }
          throw new IllegalStateException(cause);
        }
      }
      return ended.stream().map(Future::resultNow).toList();
    }
  }
}
