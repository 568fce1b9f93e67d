package com.mcpist.pair.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A log file that is renamed to NAME.log.1 when it has grown, of which three are kept. Writing
 * never fails: a line that finds no room on the disk is dropped, since a program must not stop for
 * its log. Used by one thread.
 */
final class LogFile implements AutoCloseable {
  static final int KEPT = 3;

  private final Path file;
  private final long maxBytes;
  private long size;
  private @Nullable OutputStream out;

  LogFile(Path file, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  void write(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (size + bytes.length > maxBytes && size > 0) {
        close();
        rotate();
      }
      OutputStream open = out;
      if (open == null) {
        open = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        out = open;
        size = Files.size(file);
      }
      open.write(bytes);
      size += bytes.length;
    } catch (IOException _) {
      close(); // The next line tries again.
    }
  }

  private void rotate() throws IOException {
    for (int i = KEPT - 1; i >= 1; i--) {
      Path older = numbered(i);
      if (Files.exists(older)) {
        Files.move(older, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file, numbered(1), StandardCopyOption.REPLACE_EXISTING);
    size = 0;
  }

  private Path numbered(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  @Override
  public void close() {
    OutputStream open = out;
    out = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException _) {
        // Nothing is buffered: nothing is lost.
      }
    }
  }
}
