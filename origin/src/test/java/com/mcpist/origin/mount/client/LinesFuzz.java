package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.mcp.Budget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** The fuzz target for what a mounted server says. The first byte says how much comes at a time. */
public final class LinesFuzz {
  private static final int MOST = 20_000;

  private static final Intake INTAKE = new Intake(Budget.ofHeap(0));

  private LinesFuzz() {}

  /**
   * Checks that lines are the same however they come, that none is longer than it may be, and that
   * events are bounded.
   */
  public static void fuzzerTestOneInput(byte[] input) throws InterruptedException {
    int piece = input.length == 0 ? 1 : 1 + Byte.toUnsignedInt(input[0]);
    List<String> whole = lines(new ByteArrayInputStream(input));
    assertThat(lines(pieces(input, piece))).isEqualTo(whole);
    assertThat(whole).allMatch(line -> line.length() <= 2 * MOST);
    for (String line : whole) {
      try {
        Wire.messages(line.getBytes(StandardCharsets.ISO_8859_1)).forEach(Wire::bytes);
      } catch (JacksonException e) {
        // The line is no message.
      }
    }
    assertThat(events(pieces(input, piece))).isEqualTo(events(new ByteArrayInputStream(input)));
  }

  private static List<String> lines(InputStream in) throws InterruptedException {
    List<String> all = new ArrayList<>();
    try (Lines lines = new Lines(in, MOST, INTAKE, () -> {})) {
      for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
        all.add(new String(line.get(), StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      all.add("…");
    }
    return all;
  }

  private static List<String> events(InputStream in) throws InterruptedException {
    List<String> all = new ArrayList<>();
    try (Lines lines = new Lines(in, MOST, INTAKE, () -> {})) {
      for (var event = lines.event(); event.isPresent(); event = lines.event()) {
        assertThat(event.get().data().length).isLessThanOrEqualTo(MOST);
        String data = new String(event.get().data(), StandardCharsets.ISO_8859_1);
        all.add(event.get().id() + " " + event.get().retry() + " " + data);
      }
    } catch (IOException e) {
      all.add("…");
    }
    return all;
  }

  private static InputStream pieces(byte[] input, int piece) {
    return new ByteArrayInputStream(input) {
      @Override
      public synchronized int read(byte[] into, int from, int length) {
        return super.read(into, from, Math.min(piece, length));
      }
    };
  }
}
