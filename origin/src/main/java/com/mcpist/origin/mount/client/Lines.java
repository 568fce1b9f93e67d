package com.mcpist.origin.mount.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a stream, and the events that they make (text/event-stream). A line, and an event,
 * is bounded. Few streams at a time, by the size of the heap, are at a large one, each for some
 * seconds at most; others wait for their turn.
 */
final class Lines implements AutoCloseable {
  /** A large text and its tree take up to 20 MB for a moment. */
  private static final Semaphore LARGE =
      new Semaphore(Math.clamp(Runtime.getRuntime().maxMemory() >> 26, 1, 16), true);

  private static final Duration LARGE_LIMIT = Duration.ofSeconds(10);
  private static final int CHUNK = 8192;

  /** Of events within a second; reading more would take a CPU from others. */
  private static final int MOST_LINES = 10_000;

  private final InputStream in;
  private final int most;
  private final Runnable onOverdue;

  /** Read already, from start to end. */
  private byte[] bytes = new byte[CHUNK];

  private int start;
  private int end;

  private long countedSince = System.nanoTime();
  private int counted;

  /** Waits for the end of the time, while a large text is read. */
  private @Nullable Thread large;

  /**
   * {@code most}: bytes of one line, and of one event; {@code onOverdue}: ends a stream whose large
   * text takes too long.
   */
  Lines(InputStream in, int most, Runnable onOverdue) {
    this.in = in;
    this.most = most;
    this.onOverdue = onOverdue;
  }

  /** The id is empty, and the retry, in milliseconds, -1 where the event has none. */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Event(String id, byte[] data, int retry) {}

  /**
   * The next line without its end; empty at the end of the stream, where a part of one is none.
   *
   * @throws IOException when it is longer than it may be, too
   */
  Optional<byte[]> next() throws IOException, InterruptedException {
    giveBack();
    return line();
  }

  private Optional<byte[]> line() throws IOException, InterruptedException {
    int searched = start;
    while (true) {
      for (int i = searched; i < end; i++) {
        if (bytes[i] == '\n') {
          if (i - start > most) {
            throw tooLong();
          }
          int stop = i > start && bytes[i - 1] == '\r' ? i - 1 : i;
          byte[] line = Arrays.copyOfRange(bytes, start, stop);
          start = i + 1;
          shrink();
          return Optional.of(line);
        }
      }
      searched = end - start; // Where filling moves it.
      if (!fill()) {
        return Optional.empty();
      }
    }
  }

  private void count() throws IOException {
    if (counted++ == MOST_LINES) {
      long now = System.nanoTime();
      if (now - countedSince < 1_000_000_000L) {
        throw new IOException("it floods its output");
      }
      countedSince = now;
      counted = 0;
    }
  }

  /** Reads more, behind what is not taken yet, which is moved to the beginning. */
  private boolean fill() throws IOException, InterruptedException {
    if (start > 0) {
      System.arraycopy(bytes, start, bytes, 0, end - start);
      end -= start;
      start = 0;
    }
    if (end > most) {
      throw tooLong();
    }
    if (end == bytes.length) {
      if (end >= Wire.LARGE) {
        claim();
      }
      bytes = Arrays.copyOf(bytes, end * 2);
    }
    int read = in.read(bytes, end, bytes.length - end);
    end += Math.max(read, 0);
    return read >= 0;
  }

  private IOException tooLong() {
    return new IOException("it sent a message of more than " + most / 1024 + " KiB");
  }

  /** What a large line has needed, it needs for as long only. */
  private void shrink() {
    if (bytes.length > Wire.LARGE && end - start <= CHUNK) {
      bytes = Arrays.copyOf(Arrays.copyOfRange(bytes, start, end), CHUNK);
      end -= start;
      start = 0;
    }
  }

  private void claim() throws InterruptedException {
    if (large == null) {
      LARGE.acquire();
      large = Thread.startVirtualThread(this::expire);
    }
  }

  private void expire() {
    try {
      Thread.sleep(LARGE_LIMIT);
      onOverdue.run();
    } catch (InterruptedException e) {
      // It is whole.
    }
  }

  private void giveBack() {
    if (large != null) {
      large.interrupt();
      large = null;
      LARGE.release();
    }
  }

  /** All that is left. */
  byte[] rest() throws IOException, InterruptedException {
    giveBack();
    while (fill()) {
      // More.
    }
    return Arrays.copyOfRange(bytes, start, end);
  }

  /** The next event that says anything; empty at the end of the stream. */
  Optional<Event> event() throws IOException, InterruptedException {
    giveBack();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    String id = "";
    int retry = -1;
    for (Optional<byte[]> next = line(); next.isPresent(); next = line()) {
      count();
      byte[] line = next.get();
      if (line.length == 0 && (data.size() > 0 || !id.isEmpty() || retry >= 0)) {
        return Optional.of(new Event(id, data.toByteArray(), retry));
      }
      int colon = colon(line);
      int value = colon + (colon + 1 < line.length && line[colon + 1] == ' ' ? 2 : 1);
      switch (text(line, 0, colon)) {
        case "data" -> add(data, line, value);
        case "id" -> id = text(line, value, line.length);
        case "retry" -> {
          String millis = text(line, value, line.length);
          retry = millis.matches("[0-9]{1,6}") ? Integer.parseInt(millis) : retry;
        }
        default -> {} // A comment, or a name that means nothing here.
      }
    }
    return Optional.empty();
  }

  private static int colon(byte[] line) {
    int colon = 0;
    while (colon < line.length && line[colon] != ':') {
      colon++;
    }
    return colon;
  }

  private static String text(byte[] line, int from, int to) {
    return from >= to ? "" : new String(line, from, to - from, StandardCharsets.UTF_8);
  }

  private void add(ByteArrayOutputStream data, byte[] line, int from)
      throws IOException, InterruptedException {
    int length = Math.max(0, line.length - from);
    int size = data.size() + length;
    if (size > most) {
      throw tooLong();
    }
    if (size > Wire.LARGE) {
      claim();
    }
    data.write(line, line.length - length, length);
  }

  @Override
  public void close() {
    giveBack();
  }
}
