package com.mcpist.cli.console;

import module java.base;

import picocli.CommandLine.ExitCode;

/** On Ctrl-C work is stopped, and this process ends once what it holds is given back. */
public final class Interruption implements AutoCloseable {
  private final CountDownLatch over = new CountDownLatch(1);

  @FunctionalInterface
  public interface Stop {
    void run() throws InterruptedException;
  }

  /** Once it is stopped the work may take so long to be over. */
  public Interruption(Stop stop, Duration limit) {
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().unstarted(() -> interrupt(stop, limit)));
  }

  public static Interruption ofThisThread() {
    return new Interruption(Thread.currentThread()::interrupt, Duration.ofSeconds(30));
  }

  /** Where Ctrl-C is how the work ends, which is then no failure. */
  public static Interruption asEnd() {
    return new Interruption(() -> Runtime.getRuntime().halt(ExitCode.OK), Duration.ZERO);
  }

  private void interrupt(Stop stop, Duration limit) {
    if (over.getCount() == 0) {
      return;
    }
    try {
      stop.run();
      var _ = over.await(limit.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over.countDown();
  }
}
