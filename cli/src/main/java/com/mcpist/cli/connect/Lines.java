package com.mcpist.cli.connect;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The lines of a stream, and the events that they make (text/event-stream). */
final class Lines {
  private static final String DATA = "data:";

  private final InputStream in;

  /** {@code in}: buffered. */
  Lines(InputStream in) {
    this.in = in;
  }

  /** The next line without its end; empty at the end of the stream, where a part of one is none. */
  Optional<byte[]> next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        return Optional.of(line.toByteArray());
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return Optional.empty();
  }

  /** The JSON of the next event that has any, of all its lines; empty at the end of the stream. */
  Optional<byte[]> data() throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (Optional<byte[]> line = next(); line.isPresent(); line = next()) {
      byte[] bytes = line.get();
      if (bytes.length == 0 && data.size() > 0) {
        return Optional.of(data.toByteArray());
      }
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      if (text.startsWith(DATA)) {
        int start = text.startsWith(DATA + " ") ? DATA.length() + 1 : DATA.length();
        data.write(bytes, start, bytes.length - start);
      }
    }
    return Optional.empty();
  }
}
