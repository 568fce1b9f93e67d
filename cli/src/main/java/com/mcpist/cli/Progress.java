package com.mcpist.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Shows steps as they come, one under the other, the last one moving. */
final class Progress implements AutoCloseable {
  private static final long FRAME_MILLIS = 100;

  private final ProgressLine line;
  private final PrintStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Thread animation;
  private @Nullable String step;
  private String detail = "";
  private long stepStarted;
  private int frame;

  Progress(Terminal terminal, PrintStream out) {
    this.line = new ProgressLine(terminal);
    this.out = out;
    this.animation = Thread.ofVirtual().unstarted(this::animate);
    if (terminal.animated()) {
      animation.start();
    }
  }

  /** The step before is done, this one begins. */
  void step(String text) {
    lock.lock();
    try {
      finish();
      step = text;
      detail = "";
      stepStarted = System.nanoTime();
      draw();
    } finally {
      lock.unlock();
    }
  }

  /** What the step is at, where lines can move. */
  void detail(String text) {
    lock.lock();
    try {
      detail = text;
      draw();
    } finally {
      lock.unlock();
    }
  }

  /** A line of its own, between the steps. */
  void line(String text) {
    lock.lock();
    try {
      finish();
      show(text + "\n");
    } finally {
      lock.unlock();
    }
  }

  /** A line about the step, which goes on. */
  void note(String text) {
    lock.lock();
    try {
      show(line.cleared() + text + "\n");
      draw();
    } finally {
      lock.unlock();
    }
  }

  /** The step has failed. */
  void failed() {
    lock.lock();
    try {
      if (step != null) {
        show(line.failed(step, since()));
      }
      step = null;
    } finally {
      lock.unlock();
    }
  }

  /** The last step is done. */
  void done() {
    lock.lock();
    try {
      finish();
    } finally {
      lock.unlock();
    }
  }

  /** Takes what is unfinished away: nothing was achieved. */
  @Override
  public void close() {
    animation.interrupt();
    lock.lock();
    try {
      if (step != null) {
        show(line.cleared());
        step = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private void animate() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(FRAME_MILLIS);
        lock.lock();
        try {
          frame++;
          draw();
        } finally {
          lock.unlock();
        }
      }
    } catch (InterruptedException _) {
      // The start is over.
    }
  }

  private void finish() {
    String finished = step;
    if (finished != null) {
      show(line.done(finished, since()));
    }
    step = null;
  }

  private void draw() {
    String current = step;
    if (current != null) {
      show(line.running(detail.isEmpty() ? current : current + ": " + detail, since(), frame));
    }
  }

  private Duration since() {
    return Duration.ofNanos(System.nanoTime() - stepStarted);
  }

  private void show(String text) {
    out.print(text);
    out.flush();
  }
}
