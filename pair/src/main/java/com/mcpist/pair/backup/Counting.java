package com.mcpist.pair.backup;

import module java.base;

/** Tells how far the rows of a table are, each of which is a line. */
final class Counting {
  private static final long STEP = 1 << 20;

  private final Consumer<String> detail;
  private long rows;
  private long bytes;
  private long told;

  Counting(Consumer<String> detail) {
    this.detail = detail;
  }

  long bytes() {
    return bytes;
  }

  private void count(byte[] buffer, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (buffer[i] == '\n') {
        rows++;
      }
    }
    bytes += length;
    if (bytes - told >= STEP) {
      told = bytes;
      detail.accept(told(rows, bytes));
    }
  }

  static String told(long rows, long bytes) {
    return String.format(Locale.ROOT, "%,d rows, %.1f MiB", rows, bytes / 1048576.0);
  }

  OutputStream to(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] buffer, int offset, int length) throws IOException {
        out.write(buffer, offset, length);
        count(buffer, offset, length);
      }
    };
  }

  InputStream from(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = in.read(buffer, offset, length);
        count(buffer, offset, Math.max(0, read));
        return read;
      }
    };
  }
}
