package com.mcpist.pair.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The processes of a supervisor that was killed. They end on their own when their standard input
 * does; one that hangs would hold its port and its locks, so the next supervisor makes sure. Each
 * process is on record in a file with its number and start, since a number alone is given anew.
 */
public final class Orphans {
  private static final String SUFFIX = ".pid";

  /** The system's clock may have been set meanwhile, and a start is told in hundredths. */
  private static final Duration TOLERANCE = Duration.ofSeconds(2);

  private Orphans() {}

  /** Puts a process on record until it ends. There may be several of one name. */
  static void record(Path folder, String name, Process process) throws IOException {
    Instant start = process.info().startInstant().orElse(Instant.now());
    Path file = folder.resolve(name + "-" + process.pid() + SUFFIX);
    Files.writeString(file, process.pid() + "\n" + start.toEpochMilli() + "\n");
    var _ = process.onExit().thenRun(() -> remove(file));
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // Out of date is harmless: the process's start tells.
    }
  }

  /**
   * Ends those that are on record.
   *
   * @param patience how long they may take on their own
   * @return whether there were any
   */
  public static boolean end(Path folder, Duration patience)
      throws IOException, InterruptedException {
    List<ProcessHandle> orphans = new ArrayList<>();
    for (Path file : files(folder)) {
      process(file).ifPresent(orphans::add);
    }
    long deadline = System.nanoTime() + patience.toNanos();
    for (ProcessHandle orphan : orphans) {
      if (!ended(orphan, deadline - System.nanoTime())) {
        orphan.destroyForcibly();
        ended(orphan, patience.toNanos());
      }
    }
    for (Path file : files(folder)) {
      Files.deleteIfExists(file);
    }
    return !orphans.isEmpty();
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).toList();
    }
  }

  private static Optional<ProcessHandle> process(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    try {
      Instant start = Instant.ofEpochMilli(Long.parseLong(lines.get(1)));
      return ProcessHandle.of(Long.parseLong(lines.get(0)))
          .filter(ProcessHandle::isAlive)
          .filter(process -> startedAt(process, start));
    } catch (NumberFormatException | IndexOutOfBoundsException _) {
      return Optional.empty(); // Cut off while it was written.
    }
  }

  private static boolean startedAt(ProcessHandle process, Instant start) {
    return process
        .info()
        .startInstant()
        .map(told -> Duration.between(start, told).abs().compareTo(TOLERANCE) < 0)
        .orElse(false);
  }

  private static boolean ended(ProcessHandle process, long nanos) throws InterruptedException {
    try {
      process.onExit().get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException _) {
      return !process.isAlive();
    }
  }
}
