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
 * A reader of the lines of a stream, and of the events that they make (text/event-stream). Lines
 * and events are bounded, and their bytes are charged before they are kept. A mount has one place
 * for a large line or event, whose server must keep up a {@link Pace}.
 */
final class Lines implements AutoCloseable {
  private static final int CHUNK = 8192;

  /** The time after which the pace of a large line or event is looked at again. */
  private static final Duration LOOK = Duration.ofMillis(500);

  /**
   * The lines of events that are read within a second. Reading more would take a CPU from others.
   */
  private static final int MOST_LINES = 10_000;

  /**
   * The bytes of a field's name that are looked at: those of the longest known name, and one more.
   */
  private static final int LONGEST_NAME = 8;

  /** The bytes of an event's id. A stream with longer ids is not resumed. */
  private static final int LONGEST_ID = 1024;

  private final InputStream in;
  private final int most;
  private final Intake intake;
  private final Runnable onTooSlow;
  private final Charge charge;

  /** The bytes that are charged. Less than a chunk is free. */
  private long charged;

  /** The bytes that were read already, from start to end. */
  private byte[] bytes = new byte[CHUNK];

  private int start;
  private int end;

  /** The place where the line after the current one begins. */
  private int next;

  /** The data of an event, up to its size. */
  private byte[] data = new byte[0];

  private int size;

  private long countedSince = System.nanoTime();
  private int counted;

  private Pace pace = new Pace();

  /** The thread that looks at the pace while a large text is read, or null if none is read. */
  private @Nullable Thread large;

  /**
   * Creates a reader, which reads nothing yet.
   *
   * @param most the bytes of one line, and of one event
   * @param onTooSlow ends a stream whose large text comes too slowly
   */
  Lines(InputStream in, int most, Intake intake, Runnable onTooSlow) {
    this.in = in;
    this.most = most;
    this.intake = intake;
    this.onTooSlow = onTooSlow;
    this.charge = intake.reading();
  }

  /**
   * An event. If it has no id, the id is empty. If it has no retry, which is in milliseconds, the
   * retry is -1.
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Event(String id, byte[] data, int retry) {}

  /**
   * Returns the next line without its end, or nothing at the end of the stream. A part of a line at
   * the end is no line. The line is charged until the next one is asked for.
   *
   * @throws IOException if the stream breaks, or the line is longer than it may be
   */
  Optional<byte[]> next() throws IOException, InterruptedException {
    giveBack();
    int stop = line();
    return stop < 0 ? Optional.empty() : Optional.of(taken(stop));
  }

  /**
   * Returns a copy of the bytes from the start up to there, and makes the buffer as small as it can
   * be.
   */
  private byte[] taken(int stop) throws InterruptedException {
    charge(stop - start);
    byte[] line = Arrays.copyOfRange(bytes, start, stop);
    start = next;
    shrink();
    return line;
  }

  /**
   * Returns the place where the line that begins at the start stops, or less than 0 at the end of
   * the stream.
   */
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
      searched = end - start; // Filling moves the line to the beginning.
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

  /**
   * Reads more behind the bytes that are not taken yet, which it moves to the beginning first.
   * Returns false at the end of the stream.
   */
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
      // A large line makes few buffers, since each one is garbage. Its end is read with it.
      int length = Math.min((end < Wire.LARGE ? 2 : 8) * end, most + 2);
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

  /** Makes the buffer small again after a large line. */
  private void shrink() {
    if (bytes.length > CHUNK && end - start <= CHUNK) {
      bytes = Arrays.copyOf(Arrays.copyOfRange(bytes, start, end), CHUNK);
      end -= start;
      start = 0;
    }
  }

  /**
   * Charges so many bytes beside those that are kept already. It is called before the bytes are
   * kept.
   */
  private void charge(int more) throws InterruptedException {
    long all = (long) bytes.length + data.length + more;
    if (all <= Math.max(charged, 2 * CHUNK)) {
      return;
    }
    if (all > Wire.LARGE && large == null) {
      intake.enter();
      boolean looks = false;
      try {
        look();
        looks = true;
      } finally {
        if (!looks) {
          intake.leave(); // No thread could be started, and close() leaves only where one was.
        }
      }
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
      // The text is whole.
    }
  }

  /** Gives back all bytes but those that have been read of the next line. */
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

  /** Reads all that is left, to the end of the stream. */
  byte[] rest() throws IOException, InterruptedException {
    giveBack();
    while (fill()) {
      // The loop reads until the end.
    }
    next = end;
    return taken(end);
  }

  /**
   * Returns the next event that has data, an id or a retry, or nothing at the end of the stream.
   * The event is charged until the next one is asked for.
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
        default -> {} // It is a comment, or its name means nothing here.
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

  /** Adds the bytes that were read there to the event's data. */
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
