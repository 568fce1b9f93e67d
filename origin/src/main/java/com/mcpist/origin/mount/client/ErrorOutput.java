package com.mcpist.origin.mount.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a mounted process prints on standard error: into the log, some lines at a time, and read no
 * faster than a log could ever be: whoever prints more waits.
 */
final class ErrorOutput implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorOutput.class);
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final int MOST_LINES = 20;
  private static final int MOST_BYTES = 4 * 1024 * 1024;
  private static final int LONGEST_LINE = 2000;

  private final String mount;
  private final InputStream in;
  private final Redaction redaction;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long begun = System.nanoTime();
  private int bytes;
  private int lines;
  private volatile String last = "";

  ErrorOutput(String mount, InputStream in, Redaction redaction) {
    this.mount = mount;
    this.in = in;
    this.redaction = redaction;
  }

  /** The last line that says anything, as it may be shown. */
  String last() {
    return last;
  }

  @Override
  public void run() {
    byte[] chunk = new byte[8192];
    try (in) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        window(read);
        for (int i = 0; i < read; i++) {
          add(chunk[i]);
        }
      }
    } catch (IOException | InterruptedException e) {
      // The process is gone.
    }
    tell();
  }

  private void window(int read) throws InterruptedException {
    bytes += read;
    long passed = System.nanoTime() - begun;
    if (bytes > MOST_BYTES && passed < WINDOW.toNanos()) {
      Thread.sleep(Duration.ofNanos(WINDOW.toNanos() - passed));
    }
    if (bytes > MOST_BYTES || passed >= WINDOW.toNanos()) {
      if (lines > MOST_LINES) {
        LOG.info("{}: {} more lines on its standard error", mount, lines - MOST_LINES);
      }
      begun = System.nanoTime();
      bytes = 0;
      lines = 0;
    }
  }

  private void add(byte next) {
    if (next == '\n') {
      tell();
    } else if (line.size() < LONGEST_LINE) {
      line.write(next);
    }
  }

  private void tell() {
    String text = redaction.shown(line.toString(StandardCharsets.UTF_8));
    line.reset();
    if (!text.isEmpty()) {
      last = text;
      if (++lines <= MOST_LINES) {
        LOG.info("{}: {}", mount, text);
      }
    }
  }
}
