package com.mcpist.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What anybody on this machine sees of its processes: their arguments. It looks often at those that
 * have just begun, and seldom at others, which may give themselves another title.
 */
public final class CommandLines implements AutoCloseable {
  private static final Path PROCESSES = Path.of("/proc");
  private static final int OFTEN = 50;

  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  /** How often each process that there is was looked at, or passed over. */
  private final Map<Path, Integer> looks = new HashMap<>();

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
    Set<Path> there = new HashSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        there.add(process);
        int times = looks.merge(process, 1, Integer::sum);
        if (times <= OFTEN || times % OFTEN == 0) {
          see(process.resolve("cmdline"));
        }
      }
      looks.keySet().retainAll(there);
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
