package com.mcpist.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a log file, which grows and is now and then begun anew. */
final class LogTail {
  /** So far back are last lines looked for. */
  private static final int MAX_TAIL = 4 * 1024 * 1024;

  private final Path file;
  private final String prefix;
  private final PrintStream out;
  private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
  private long position;

  LogTail(Path file, String prefix, PrintStream out) {
    this.file = file;
    this.prefix = prefix;
    this.out = out;
  }

  /** Shows the last lines; {@link #showNew} goes on after them. */
  void showLast(int count) throws IOException {
    long size = Files.size(file);
    position = Math.max(0, size - MAX_TAIL);
    String text = new String(read(), StandardCharsets.UTF_8);
    List<String> lines = text.lines().toList();
    lines.subList(Math.max(0, lines.size() - count), lines.size()).forEach(this::show);
  }

  /** Shows the whole lines that have come. */
  void showNew() throws IOException {
    if (!Files.exists(file)) {
      return; // Just being renamed.
    }
    if (Files.size(file) < position) {
      position = 0;
    }
    for (byte b : read()) {
      if (b == '\n') {
        show(unfinished.toString(StandardCharsets.UTF_8));
        unfinished.reset();
      } else {
        unfinished.write(b);
      }
    }
  }

  private byte[] read() throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(position);
      byte[] bytes = new byte[(int) Math.min(MAX_TAIL, Math.max(0, in.length() - position))];
      in.readFully(bytes);
      position += bytes.length;
      return bytes;
    }
  }

  private void show(String line) {
    out.println(prefix + line);
  }
}
