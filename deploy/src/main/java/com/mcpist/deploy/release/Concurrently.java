package com.mcpist.deploy.release;

import module java.base;

public final class Concurrently {
  private Concurrently() {}

  public interface Work<T, R> {
    R of(T item) throws InterruptedException;
  }

  public static <T, R> List<R> each(List<T> items, Work<T, R> work) throws InterruptedException {
    List<Callable<R>> calls = items.stream().<Callable<R>>map(item -> () -> work.of(item)).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<R>> ended = threads.invokeAll(calls);
      for (Future<R> one : ended) {
        if (one.state() == Future.State.FAILED) {
          throw one.exceptionNow() instanceof RuntimeException e
              ? e
              : new IllegalStateException(one.exceptionNow());
        }
      }
      return ended.stream().map(Future::resultNow).toList();
    }
  }
}
