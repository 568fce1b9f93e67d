package com.mcpist.edge.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.EventReader.TooLongException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Fuzz target: streams of events. The first byte gives the size of the pieces in which the rest
 * comes.
 */
public final class EventReaderFuzz {
  private static final int MOST = 256;

  private EventReaderFuzz() {}

  private record Read(List<Event> events, boolean tooLong) {
    Buffer bytes() {
      Buffer all = Buffer.buffer();
      events.forEach(event -> all.appendBuffer(event.bytes()));
      return all;
    }
  }

  /**
   * Checks that the pieces make no difference, and that the bytes that pass are the same stream of
   * events again.
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    Buffer stream = Buffer.buffer(input).slice(1, input.length);
    Read whole = read(stream, stream.length() + 1);
    Read pieces = read(stream, 1 + (input[0] & 63));
    assertThat(pieces.tooLong()).isEqualTo(whole.tooLong());
    if (!whole.tooLong()) {
      assertThat(pieces.events()).hasSameSizeAs(whole.events());
      assertThat(data(pieces)).isEqualTo(data(whole));
      assertThat(ids(pieces)).isEqualTo(ids(whole));
      Read again = read(whole.bytes(), MOST);
      if (!again.tooLong()) {
        assertThat(data(again)).isEqualTo(data(whole));
        assertThat(ids(again)).isEqualTo(ids(whole));
      }
    }
    for (Event event : pieces.events()) {
      int length = event.bytes().length();
      assertThat(length).isBetween(1, MOST + 1);
      assertThat(event.bytes().getByte(length - 1)).isEqualTo((byte) '\n');
    }
  }

  private static List<String> data(Read read) {
    return read.events().stream().map(event -> String.valueOf(event.data())).toList();
  }

  private static List<String> ids(Read read) {
    return read.events().stream().map(event -> String.valueOf(event.id())).toList();
  }

  private static Read read(Buffer stream, int size) {
    EventReader reader = new EventReader(MOST);
    List<Event> events = new ArrayList<>();
    try {
      for (int at = 0; at < stream.length(); at += size) {
        events.addAll(reader.read(stream.slice(at, Math.min(stream.length(), at + size))));
      }
    } catch (TooLongException tooLong) {
      return new Read(events, true);
    }
    return new Read(events, false);
  }
}
