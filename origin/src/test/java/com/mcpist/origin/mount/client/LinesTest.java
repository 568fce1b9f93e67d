package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinesTest {
  private static final int MANY = 20_000;

  private static Lines lines(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Lines(new ByteArrayInputStream(bytes), 1024, Calls.intake(), () -> {});
  }

  /** A program answers as many calls as it is asked, each in a line. */
  @Test
  void manyLinesAreNoFlood() throws Exception {
    try (Lines lines = lines("{}\n".repeat(MANY))) {
      int read = 0;
      for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
        read++;
      }
      assertThat(read).isEqualTo(MANY);
    }
  }

  @Test
  void manyLinesOfEventsAreOne() {
    try (Lines lines = lines(": nothing\n".repeat(MANY))) {
      assertThatIOException().isThrownBy(lines::event).withMessage("it floods its output");
    }
  }
}
