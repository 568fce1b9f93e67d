package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The standard input of a program, to which messages are written one at a time, each as a line. A
 * program that is at work on a call may read nothing for long. A message to it is then written in
 * the background, and its sender waits until a deadline.
 *
 * <p>The last byte of a message is written with the end of the line, after a last look at the claim
 * and at the deadline. A message whose sender has left, or whose claim has ended, breaks off before
 * that. What the program has of it is no JSON, so it runs nothing, whether it reads line by line or
 * value by value. Thread-safe.
 */
final class StandardInput {
  /** The bytes that are written at once. Linux keeps as many for a process that reads later. */
  private static final int PIECE_BYTES = 64 * 1024;

  /** The time in which a program reads a piece while it has no call to work on. */
  private static final Duration READ_LIMIT = Duration.ofSeconds(5);

  /** The time in which a program reads the end of a message whose claim has ended. */
  private static final Duration END_LIMIT = Duration.ofSeconds(1);

  private final OutputStream out;
  private final Runnable onEnd;

  /**
   * Writes on a platform thread: a write to a full pipe would keep a carrier of virtual threads.
   */
  private final ExecutorService writer;

  private final Semaphore turn = new Semaphore(1, true);
  private volatile @Nullable Message current;

  /**
   * Wraps the input of a program.
   *
   * @param thread the name of the thread that writes
   * @param onEnd run when the program has closed its input, before the sender of a message hears of
   *     that
   */
  StandardInput(String thread, OutputStream out, Runnable onEnd) {
    this.out = out;
    this.onEnd = onEnd;
    this.writer =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(thread).factory());
  }

  /**
   * Writes a message as a line, and waits until that is done.
   *
   * @param deadline the end of the wait, by System.nanoTime
   * @return false if the claim ended before the end of the message was written. The program runs
   *     nothing of the message then
   * @throws MountException of kind NOT_SENT if the program does not have the whole message in time,
   *     and never will; of kind UNKNOWN if it may still read the whole message
   */
  boolean write(byte[] json, Claim claim, long deadline)
      throws MountException, InterruptedException {
    take(deadline);
    Message message = new Message(json, claim);
    boolean begun = false;
    try {
      current = message;
      writer.execute(message::run);
      begun = true;
    } catch (RejectedExecutionException e) {
      throw MountException.notSent("it has ended");
    } finally {
      if (!begun) {
        current = null;
        turn.release();
      }
    }
    return message.await(deadline);
  }

  /**
   * Waits until no message is being written. A call renews its claim after that, and not before the
   * program has read what others have sent.
   *
   * @param deadline the end of the wait, by System.nanoTime
   * @throws MountException of kind NOT_SENT if the deadline has passed
   */
  void awaitFree(long deadline) throws MountException, InterruptedException {
    take(deadline);
    turn.release();
  }

  private void take(long deadline) throws MountException, InterruptedException {
    if (!turn.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      throw MountException.notSent("it does not read its standard input");
    }
  }

  /**
   * Closes the input, unless a message is being written.
   *
   * @return whether it was closed
   */
  boolean close() {
    if (!turn.tryAcquire()) {
      return false;
    }
    try {
      out.close();
    } catch (IOException e) {
      // The program has ended.
    } finally {
      turn.release();
    }
    return true;
  }

  /** Ends the thread that writes, after the program has ended. */
  void end() {
    writer.shutdown();
  }

  /**
   * Returns true if the program does not read the message that is being written.
   *
   * @param isAtWork whether the program has calls to work on, and may read later
   */
  boolean isUnread(boolean isAtWork) {
    Message message = current;
    return message != null && message.isUnread(isAtWork);
  }

  /** How far the writing of a message has come. */
  private enum State {
    BODY,

    /** The end of the message is being written, so that the program may run the message. */
    END,

    /** The sender has left, and the end of the message will not be written. */
    LEFT
  }

  /** An outcome says what became of a message. */
  private enum Outcome {
    WRITTEN,
    BROKE_OFF,
    PROGRAM_ENDED
  }

  /** A message that is being written. */
  private final class Message {
    private final byte[] json;
    private final Claim claim;
    private final AtomicReference<State> state = new AtomicReference<>(State.BODY);
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private volatile long writingSince = System.nanoTime();

    Message(byte[] json, Claim claim) {
      this.json = json;
      this.claim = claim;
    }

    void run() {
      Outcome became = Outcome.PROGRAM_ENDED;
      try {
        became = write();
      } catch (IOException e) {
        onEnd.run();
      } finally {
        current = null;
        turn.release();
        outcome.complete(became);
      }
    }

    private Outcome write() throws IOException {
      int last = json.length - 1;
      int to;
      for (int from = 0; from < last; from = to) {
        if (state.get() != State.BODY || !claim.holds()) {
          return breakOff(from);
        }
        to = endOfPiece(from, last);
        writingSince = System.nanoTime();
        out.write(json, from, to - from);
        out.flush();
      }
      writingSince = System.nanoTime();
      if (!claim.holds() || !state.compareAndSet(State.BODY, State.END)) {
        return breakOff(last);
      }
      out.write(new byte[] {json[last], '\n'});
      out.flush();
      return Outcome.WRITTEN;
    }

    /**
     * Ends the line where it is, so that the next message is a line of its own. Without its last
     * byte, which is a bracket, the message is no JSON.
     */
    private Outcome breakOff(int written) throws IOException {
      if (written > 0) {
        out.write('\n');
        out.flush();
      }
      return Outcome.BROKE_OFF;
    }

    /** Returns the end of the piece that begins there. No piece ends within a character. */
    private int endOfPiece(int from, int last) {
      int to = Math.min(last, from + PIECE_BYTES);
      while (to < last && (json[to] & 0xC0) == 0x80) {
        to--;
      }
      return to;
    }

    boolean await(long deadline) throws MountException, InterruptedException {
      try {
        return switch (outcome.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          case WRITTEN -> true;
          case BROKE_OFF -> false;
          case PROGRAM_ENDED -> throw MountException.notSent("it has ended");
        };
      } catch (TimeoutException e) {
        if (state.compareAndSet(State.BODY, State.LEFT)) {
          throw MountException.notSent("it has not read the whole request in time");
        }
        throw MountException.unknown("it may have read the request too late");
      } catch (InterruptedException e) {
        state.compareAndSet(State.BODY, State.LEFT);
        throw e;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    boolean isUnread(boolean isAtWork) {
      long nanos = System.nanoTime() - writingSince;
      boolean actsTooLate = state.get() == State.END && !claim.holds();
      return (nanos > READ_LIMIT.toNanos() && !isAtWork)
          || (nanos > END_LIMIT.toNanos() && actsTooLate);
    }
  }
}
