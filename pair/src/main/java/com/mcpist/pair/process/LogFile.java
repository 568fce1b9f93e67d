package com.mcpist.pair.process;

import module java.base;

/**
 * A log to which programs append by themselves, so that none needs a reader. One that has grown
 * goes on from its beginning, and what was in it is NAME.log.1; three of those are kept. Nothing
 * here fails: a program does not stop for its log.
 */
record LogFile(Path file, long maxBytes) {
  static final int KEPT = 3;
  private static final int LAST_BYTES = 16 * 1024;

  long size() {
    try {
      return Files.size(file);
    } catch (IOException _) {
      return 0;
    }
  }

  /** What is written in the moment between copy and cut is lost; all is, where there is no room. */
  void bound() {
    if (size() <= maxBytes) {
      return;
    }
    try {
      for (int i = KEPT - 1; i >= 1; i--) {
        if (Files.exists(numbered(i))) {
          Files.move(numbered(i), numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      Files.copy(file, numbered(1), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException _) {
      // It is cut all the same.
    }
    try (FileChannel log = FileChannel.open(file, StandardOpenOption.WRITE)) {
      log.truncate(0);
    } catch (IOException _) {
      // The next look tries again.
    }
  }

  /** The last line that was written since the log was so long; empty where none was. */
  String lastLine(long from) {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long length = in.length();
      long begin = Math.max(from <= length ? from : 0, length - LAST_BYTES);
      byte[] bytes = new byte[(int) (length - begin)];
      in.seek(begin);
      in.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank())
          .reduce("", (_, last) -> last.strip());
    } catch (IOException _) {
      return "";
    }
  }

  private Path numbered(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }
}
