package com.mcpist.edge.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into whole events, whatever the pieces in which its bytes come. A line ends with
 * CR, LF or both, and an event ends with an empty line. A comment that stands alone is passed on at
 * once, since it is there to be seen in time. A line that ends with CR is passed on as ending with
 * CRLF without waiting for the LF, which may not come.
 */
public final class EventReader {
  private static final byte CR = '\r';
  private static final byte LF = '\n';
  private static final int FIRST_BYTES = 512;
  private static final int USUAL_BYTES = 64 * 1024;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /**
   * A whole event, or a comment between events.
   *
   * @param bytes the bytes as they came, the blank line that ends the event included
   * @param data the event's data, lines joined by a line feed; null if it has none
   * @param id the event's id; null if it has none
   */
  public record Event(Buffer bytes, @Nullable String data, @Nullable String id) {}

  /** Thrown when an event is longer than the limit. */
  public static final class TooLongException extends Exception {}

  private final int maxBytes;
  private byte[] block = new byte[FIRST_BYTES];
  private int length;
  private int lineStart;
  private boolean afterCr;
  private boolean first = true;
  private boolean inEvent;
  private @Nullable StringBuilder data;
  private @Nullable String id;

  /** Creates a reader. {@code maxBytes} is the largest number of bytes of one event. */
  public EventReader(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Returns the events that these bytes complete. */
  public List<Event> read(Buffer chunk) throws TooLongException {
    List<Event> events = new ArrayList<>();
    int size = chunk.length();
    for (int i = 0; i < size; i++) {
      byte next = chunk.getByte(i);
      boolean secondOfPair = afterCr && next == LF;
      afterCr = next == CR;
      if (secondOfPair) {
        // This byte is part of the line end before it, which has been dealt with.
        if (length > 0) {
          append(next);
          lineStart = length;
        }
        continue;
      }
      append(next);
      if (next == CR || next == LF) {
        lineEnded(events);
      }
    }
    return events;
  }

  /**
   * Returns the number of bytes allocated for an event that is longer than usual, and not whole.
   */
  public int held() {
    return block.length > USUAL_BYTES ? block.length + (data == null ? 0 : data.capacity()) : 0;
  }

  private void append(byte next) throws TooLongException {
    if (length == maxBytes) {
      throw new TooLongException();
    }
    if (length == block.length) {
      block = Arrays.copyOf(block, Math.min(maxBytes, length * 2));
    }
    block[length++] = next;
  }

  private void lineEnded(List<Event> events) {
    int end = length - 1;
    if (first) {
      first = false;
      skipByteOrderMark();
      end = length - 1;
    }
    boolean empty = end == lineStart;
    boolean comment = !empty && block[lineStart] == ':';
    if (!empty && !comment) {
      inEvent = true;
      field(lineStart, end);
    }
    lineStart = length;
    if (empty || (comment && !inEvent)) {
      events.add(take());
    }
  }

  // A later attempt's stream begins in the middle of what a client reads, where a byte order mark
  // would be noise. If there were several marks, the client would leave out the first alone, and so
  // read another stream than this class.
  private void skipByteOrderMark() {
    int mark = BYTE_ORDER_MARK.length;
    while (length > mark && Arrays.equals(block, 0, mark, BYTE_ORDER_MARK, 0, mark)) {
      System.arraycopy(block, mark, block, 0, length - mark);
      length -= mark;
    }
  }

  private void field(int start, int end) {
    int colon = start;
    while (colon < end && block[colon] != ':') {
      colon++;
    }
    String field = text(start, colon);
    int value = Math.min(end, colon + 1);
    if (value < end && block[value] == ' ') {
      value++;
    }
    if (field.equals("data")) {
      data = data == null ? new StringBuilder() : data.append('\n');
      data.append(text(value, end));
    } else if (field.equals("id")) {
      id = text(value, end);
    }
  }

  private String text(int start, int end) {
    return new String(block, start, end - start, StandardCharsets.UTF_8);
  }

  private Event take() {
    Buffer bytes = Buffer.buffer(length + 1).appendBytes(block, 0, length);
    if (block[length - 1] == CR) {
      bytes.appendByte(LF);
    }
    Event event = new Event(bytes, data == null ? null : data.toString(), id);
    if (block.length > USUAL_BYTES) {
      block = new byte[FIRST_BYTES];
    }
    length = 0;
    lineStart = 0;
    inEvent = false;
    data = null;
    id = null;
    return event;
  }
}
