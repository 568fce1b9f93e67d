package com.mcpist.deploy.release;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same for several origins at once. */
public final class Concurrently {
  private Concurrently() {}

  public interface Work<T, R, E extends Exception> {
    R of(T item) throws E, InterruptedException;
  }

  /**
   * Does it for each, and waits for all of them, also where one fails.
   *
   * @return in the order of the items
   * @throws E of the first one that failed
   */
  public static <T, R, E extends Exception> List<R> each(
      List<T> items, Class<E> failure, Work<T, R, E> work) throws E, InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<R>> begun = new ArrayList<>();
      for (T item : items) {
        begun.add(threads.submit(() -> work.of(item)));
      }
      List<R> done = new ArrayList<>();
      List<Throwable> failed = new ArrayList<>();
      for (Future<R> one : begun) {
        try {
          done.add(one.get());
        } catch (ExecutionException e) {
          failed.add(e.getCause());
        } catch (InterruptedException e) {
          threads.shutdownNow();
          throw e;
        }
      }
      if (failed.isEmpty()) {
        return done;
      }
      Throwable first = failed.getFirst();
      if (failure.isInstance(first)) {
        throw failure.cast(first);
      }
      throw new IllegalStateException(first);
    }
  }
}
