package com.mcpist.origin.mount.client;

import com.mcpist.origin.mcp.Budget.Charge;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a stream, and the events that they make (text/event-stream). A line, and an event,
 * is bounded, and its bytes are charged before they are kept. A mount has one place for a large
 * one, whose server must keep up a {@link Pace}.
 */
final class Lines implements AutoCloseable {
  private static final int CHUNK = 8192;

  /** How often it is looked whether a large one comes fast enough. */
  private static final Duration LOOK = Duration.ofMillis(500);

  /** Of events within a second; reading more would take a CPU from others. */
  private static final int MOST_LINES = 10_000;

  /** Of a field's name that means something, and one more. */
  private static final int LONGEST_NAME = 8;

  /** A stream whose ids are longer is not gone on with. */
  private static final int LONGEST_ID = 1024;

  private final InputStream in;
  private final int most;
  private final Intake intake;
  private final Runnable onTooSlow;
  private final Charge charge;

  /** What the charge is for; less than a chunk is free. */
  private long charged;

  /** Read already, from start to end. */
  private byte[] bytes = new byte[CHUNK];

  private int start;
  private int end;

  /** Where the line after the current one begins. */
  private int next;

  /** The data of an event, to its size. */
  private byte[] data = new byte[0];

  private int size;

  private long countedSince = System.nanoTime();
  private int counted;

  private Pace pace = new Pace();

  /** Looks at the pace, while a large text is read; null: none is. */
  private @Nullable Thread large;

  /**
   * Reads nothing yet.
   *
   * @param most bytes of one line, and of one event
   * @param onTooSlow ends a stream whose large text comes too slowly
   */
  Lines(InputStream in, int most, Intake intake, Runnable onTooSlow) {
    this.in = in;
    this.most = most;
    this.intake = intake;
    this.onTooSlow = onTooSlow;
    this.charge = intake.reading();
  }

  /** The id is empty, and the retry, in milliseconds, -1 where the event has none. */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Event(String id, byte[] data, int retry) {}

  /**
   * The next line without its end; empty at the end of the stream, where a part of one is none. It
   * is charged until the next one is asked for.
   *
   * @throws IOException when it is longer than it may be, too
   */
  Optional<byte[]> next() throws IOException, InterruptedException {
    giveBack();
    int stop = line();
    return stop < 0 ? Optional.empty() : Optional.of(taken(stop));
  }

  /** A copy of what is read, up to there; the buffer is as small as it can be then. */
  private byte[] taken(int stop) throws InterruptedException {
    charge(stop - start);
    byte[] line = Arrays.copyOfRange(bytes, start, stop);
    start = next;
    shrink();
    return line;
  }

  /** Where the next line stops that begins at the start; less than 0 at the end of the stream. */
  private int line() throws IOException, InterruptedException {
    int searched = start;
    while (true) {
      for (int i = searched; i < end; i++) {
        if (bytes[i] == '\n') {
          if (i - start > most) {
            throw tooLong();
          }
          next = i + 1;
          return i > start && bytes[i - 1] == '\r' ? i - 1 : i;
        }
      }
      searched = end - start; // Where filling moves it.
      if (!fill()) {
        return -1;
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
      int length = Math.min(2 * end, most + 2); // With the end of a line.
      charge(length);
      bytes = Arrays.copyOf(bytes, length);
    }
    pace.waits(System.nanoTime());
    int read = in.read(bytes, end, bytes.length - end);
    pace.comes(Math.max(read, 0), System.nanoTime());
    end += Math.max(read, 0);
    return read >= 0;
  }

  private IOException tooLong() {
    return new IOException("it sent a message of more than " + most / 1024 + " KiB");
  }

  /** What a large line has needed, it needs for as long only. */
  private void shrink() {
    if (bytes.length > CHUNK && end - start <= CHUNK) {
      bytes = Arrays.copyOf(Arrays.copyOfRange(bytes, start, end), CHUNK);
      end -= start;
      start = 0;
    }
  }

  /** Charges so many bytes beside those that are kept already, before they are kept, too. */
  private void charge(int more) throws InterruptedException {
    long all = (long) bytes.length + data.length + more;
    if (all <= Math.max(charged, 2 * CHUNK)) {
      return;
    }
    if (all > Wire.LARGE && large == null) {
      intake.enter();
      look();
    }
    charge.become(all);
    charged = all;
  }

  private void look() {
    Pace begun = new Pace();
    pace = begun;
    large = Thread.startVirtualThread(() -> watch(begun));
  }

  private void watch(Pace watched) {
    try {
      do {
        Thread.sleep(LOOK);
      } while (!watched.isTooSlow(System.nanoTime()));
      onTooSlow.run();
    } catch (InterruptedException e) {
      // It is whole.
    }
  }

  /** Gives back all that is not for what has been read of the next line. */
  private void giveBack() throws InterruptedException {
    data = new byte[0];
    size = 0;
    if (bytes.length > CHUNK) {
      bytes = Arrays.copyOf(Arrays.copyOfRange(bytes, start, end), Math.max(CHUNK, end - start));
      end -= start;
      start = 0;
    }
    charged = Math.min(charged, bytes.length <= CHUNK ? 0 : bytes.length);
    charge.become(charged);
    if (large != null) {
      large.interrupt();
      large = null;
      if (charged > Wire.LARGE) {
        look();
      } else {
        intake.leave();
      }
    }
  }

  /** All that is left. */
  byte[] rest() throws IOException, InterruptedException {
    giveBack();
    while (fill()) {
      // More.
    }
    next = end;
    return taken(end);
  }

  /**
   * The next event that says anything; empty at the end of the stream. It is charged until the next
   * one is asked for.
   */
  Optional<Event> event() throws IOException, InterruptedException {
    giveBack();
    String id = "";
    int retry = -1;
    for (int stop = line(); stop >= 0; stop = line()) {
      count();
      if (stop == start && (size > 0 || !id.isEmpty() || retry >= 0)) {
        start = next;
        shrink();
        return Optional.of(new Event(id, data(), retry));
      }
      int colon = colon(stop);
      int value = colon + (colon + 1 < stop && bytes[colon + 1] == ' ' ? 2 : 1);
      switch (text(start, Math.min(colon, start + LONGEST_NAME))) {
        case "data" -> add(value, stop);
        case "id" -> id = stop - value > LONGEST_ID ? "" : text(value, stop);
        case "retry" -> {
          String millis = text(value, Math.min(stop, value + LONGEST_NAME));
          retry = millis.matches("[0-9]{1,6}") ? Integer.parseInt(millis) : retry;
        }
        default -> {} // A comment, or a name that means nothing here.
      }
      start = next;
      shrink();
    }
    return Optional.empty();
  }

  private int colon(int stop) {
    int colon = start;
    while (colon < stop && bytes[colon] != ':') {
      colon++;
    }
    return colon;
  }

  private String text(int from, int to) {
    return from >= to ? "" : new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /** Adds what is read there to the event's data. */
  private void add(int from, int to) throws IOException, InterruptedException {
    int length = Math.max(0, to - from);
    if (size + length > most) {
      throw tooLong();
    }
    if (size + length > data.length) {
      int longer = size == 0 ? length : Math.min(2 * (size + length), most);
      charge(longer);
      data = Arrays.copyOf(data, longer);
    }
    System.arraycopy(bytes, Math.min(from, to), data, size, length);
    size += length;
  }

  private byte[] data() throws InterruptedException {
    if (size < data.length) {
      charge(size);
      data = Arrays.copyOf(data, size);
    }
    return data;
  }

  @Override
  public void close() {
    bytes = new byte[0];
    charge.close();
    if (large != null) {
      large.interrupt();
      large = null;
      intake.leave();
    }
  }
}
