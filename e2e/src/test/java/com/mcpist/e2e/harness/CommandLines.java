package com.mcpist.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What anybody on this machine sees of its processes: their arguments and their titles. */
public final class CommandLines implements AutoCloseable {
  private static final Path PROCESSES = Path.of("/proc");

  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread watching;

  private CommandLines() {
    watching = Thread.ofPlatform().daemon().name("command-lines").unstarted(this::watch);
  }

  /** Looks again and again until it is closed. */
  public static CommandLines watched() {
    CommandLines lines = new CommandLines();
    lines.watching.start();
    return lines;
  }

  private void watch() {
    try {
      do {
        look();
      } while (!closed.await(20, TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        see(process.resolve("cmdline"));
        see(process.resolve("comm"));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void see(Path file) {
    try {
      seen.add(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException _) {
      // It has ended meanwhile.
    }
  }

  /** Everything that has been seen so far. */
  public String all() {
    return String.join("\n", seen);
  }

  Set<String> each() {
    return Set.copyOf(seen);
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
