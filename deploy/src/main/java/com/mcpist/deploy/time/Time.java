package com.mcpist.deploy.time;

import module java.base;

/** The time it is, and waiting for it to pass: tests give one in which an hour is over at once. */
public interface Time {
  /** A point of a clock that is never set back. Only differences mean something. */
  Instant now();

  /** The time of day, for what a person or a vendor reads. */
  Instant wall();

  void sleep(Duration duration) throws InterruptedException;

  static Time system() {
    return new Time() {
      @Override
      public Instant now() {
        return Instant.EPOCH.plusNanos(System.nanoTime());
      }

      @Override
      public Instant wall() {
        return Instant.now();
      }

      @Override
      public void sleep(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
      }
    };
  }
}
