package com.mcpist.pair.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Reads what a process writes, always, so that it never blocks on a full pipe, and keeps it in its
 * log file.
 */
final class Output {
  private static final long MAX_LOG_BYTES = 10L * 1024 * 1024;
  private static final int MAX_LINE = 16 * 1024;

  private final Thread reader;
  private volatile String lastLine = "";

  /** Begins to read. */
  Output(InputStream in, Path logFile) {
    this.reader = Thread.ofPlatform().daemon().start(() -> read(in, logFile));
  }

  private void read(InputStream in, Path logFile) {
    try (LogFile log = new LogFile(logFile, MAX_LOG_BYTES);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c = lines.read(); c >= 0; c = lines.read()) {
        if (c != '\n' && line.length() < MAX_LINE) {
          line.append((char) c);
        } else {
          keep(line, log);
          if (c != '\n') {
            line.append((char) c);
          }
        }
      }
      keep(line, log);
    } catch (IOException _) {
      // The process is gone.
    }
  }

  private void keep(StringBuilder line, LogFile log) {
    String text = line.toString().stripTrailing();
    line.setLength(0);
    if (!text.isEmpty()) {
      lastLine = text;
      log.write(text);
    }
  }

  /** The last line, once all is read or the time is up: a grandchild may hold the pipe open. */
  String lastLine(Duration limit) throws InterruptedException {
    reader.join(limit);
    return lastLine;
  }
}
