package com.mcpist.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Fails when what was started between {@link #begin()} and {@link #close()} is still there:
 * platform threads, child processes and, on Linux, sockets. For a class whose tests run alone in
 * their JVM; threads that the JDK keeps for all are not counted.
 */
public final class LeakCheck implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  // Pools of the JDK that live as long as the JVM, and PostgreSQL's driver's one timer.
  private static final String SHARED =
      "ForkJoinPool.*|HttpClient-.*|VirtualThread-.*|Cleaner-.*|process"
          + " reaper.*|PostgreSQL-JDBC-.*|Common-Cleaner|Read-Poller|Write-Poller|.*-Poller";

  private final Set<Long> threads;
  private final Set<String> sockets;
  private final Set<Long> children;

  private final Duration limit;

  private LeakCheck(Duration limit) {
    this.limit = limit;
    this.threads = threads().keySet();
    // The JDK keeps one socket of its own from the first use of any: it must be there before
    // counting.
    Ports.free();
    this.sockets = sockets();
    this.children = children();
  }

  public static LeakCheck begin() {
    return begin(LIMIT);
  }

  /**
   * Remembers what there is now.
   *
   * @param limit how long what is on its way out is given
   */
  public static LeakCheck begin(Duration limit) {
    return new LeakCheck(limit);
  }

  /**
   * Compares with what there was at the beginning.
   *
   * @throws AssertionError naming what is left, once it has been given time to go
   */
  @Override
  public void close() {
    Conditions.awaitAsserted(
        limit,
        () -> {
          var leftThreads = threads();
          leftThreads.keySet().removeAll(threads);
          var leftSockets = sockets();
          leftSockets.removeAll(sockets);
          var leftChildren = children();
          leftChildren.removeAll(children);
          if (!leftThreads.isEmpty() || !leftSockets.isEmpty() || !leftChildren.isEmpty()) {
            throw new AssertionError(
                "left behind: threads %s, sockets %s, processes %s"
                    .formatted(leftThreads.values(), leftSockets, leftChildren));
          }
        });
  }

  private static Map<Long, String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().matches(SHARED))
        .collect(Collectors.toMap(Thread::threadId, Thread::getName));
  }

  private static Set<Long> children() {
    return ProcessHandle.current()
        .descendants()
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  private static Set<String> sockets() {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return new HashSet<>();
    }
    try (var files = Files.list(DESCRIPTORS)) {
      return files
          .map(LeakCheck::target)
          .filter(t -> t.startsWith("socket:"))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // A descriptor may be closed between being listed and being read.
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException gone) {
      return "";
    }
  }
}
