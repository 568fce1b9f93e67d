package com.mcpist.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * The wall clock of programs that are started with its {@link #environment}, by libfaketime, which
 * {@code Need.FAKETIME} finds. A test puts it forward and back while the programs run. Their
 * monotonic clock, and the times of files that they see, are the machine's.
 */
public final class WallClock implements AutoCloseable {
  private static final Path LIBRARIES = Path.of("/usr/lib");
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

  private final Path file;
  private final Path library;

  /** Makes one that is the machine's at first. */
  public WallClock() throws IOException {
    this.library = library();
    this.file = Files.createTempFile("mcpist-clock", "");
    shift(Duration.ZERO);
  }

  /** Debian has a folder of libraries for each architecture. */
  private static Path library() throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(LIBRARIES)) {
      for (Path folder : folders) {
        Path library = folder.resolve(LIBRARY);
        if (Files.isRegularFile(library)) {
          return library;
        }
      }
    }
    throw new IOException("There is no " + LIBRARIES + "/*/" + LIBRARY);
  }

  /** The environment variables of a program that has this clock. */
  public Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD",
        library.toString(),
        "FAKETIME_TIMESTAMP_FILE",
        file.toString(),
        // A program sees a jump up to 1 s later. If it saw a jump at once, each look at the clock
        // would read the file: that takes 18 us instead of 2, and makes a JVM start slowly.
        "FAKETIME_CACHE_DURATION",
        "1",
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1",
        // Otherwise each timed wait of a JVM ends at once, and its waiting threads use all CPUs.
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0",
        // A JVM refuses a class archive whose archives have another time than they had.
        "NO_FAKE_STAT",
        "1");
  }

  /**
   * Puts the clock to the machine's time and so much more, in whole seconds; less than zero is
   * behind. The programs see it within 1 s.
   */
  public void shift(Duration ahead) {
    try {
      // A program may read the file at any time, and must not see half of it.
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.writeString(next, String.format(Locale.ROOT, "%+d%n", ahead.toSeconds()));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes what libfaketime leaves in memory of a program that was killed. */
  static void forget(long pid) throws IOException {
    Files.deleteIfExists(SHARED_MEMORY.resolve("faketime_shm_" + pid));
    Files.deleteIfExists(SHARED_MEMORY.resolve("sem.faketime_sem_" + pid));
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
