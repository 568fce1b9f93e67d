package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * An origin with the JVM flags that it ships with: how long until its first answer, and how much of
 * the machine's memory it holds after so many calls. Exit code 1 past 2 s or 120 MB. Linux only.
 */
public final class OriginMemoryBench {

  private static final Duration FIRST_ANSWER = Duration.ofSeconds(2);
  private static final long RESIDENT_MEGABYTES = 120;
  private static final String SECRET = "X-Gateway-Secret: " + EdgeConfig.SECRET;

  private OriginMemoryBench() {}

  /** Takes the number of calls. */
  public static void main(String[] args) throws Exception {
    int calls = Integer.parseInt(args[0]);
    int port = Ports.free();
    boolean good;
    try (TestDatabase database = TestDatabase.create()) {
      // The first start also makes the schema; what is measured is a start as after any deployment.
      firstAnswer(port, database, 0);
      good = firstAnswer(port, database, calls);
    }
    System.exit(good ? 0 : 1);
  }

  private static boolean firstAnswer(int port, TestDatabase database, int calls)
      throws IOException {
    long start = System.nanoTime();
    try (Program origin =
        Program.origin(
            Map.of(
                "ENVIRONMENT",
                "production-primary",
                "GATEWAY_SECRET",
                EdgeConfig.SECRET,
                "HOST",
                "127.0.0.1",
                "PORT",
                Integer.toString(port),
                "DATABASE_URL",
                database.url()))) {
      origin.await("it is healthy", () -> healthy(port));
      Duration first = Duration.ofNanos(System.nanoTime() - start);
      long fresh = residentMegabytes(origin.pid());
      call(port, calls);
      long after = residentMegabytes(origin.pid());
      System.out.printf(
          "first answer %.2f s; resident %d MB at the start, %d MB after %d calls%n",
          first.toNanos() / 1e9, fresh, after, calls);
      return first.compareTo(FIRST_ANSWER) < 0 && after < RESIDENT_MEGABYTES;
    }
  }

  // One in ten writes.
  private static void call(int port, int calls) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      for (int i = 0; i < calls; i++) {
        if (i % 10 == 0) {
          client
              .call("memory_save", Map.of("title", "Number " + i, "text", "t"), SECRET)
              .structured();
        } else {
          client.call("memory_search", Map.of("query", "number"), SECRET).structured();
        }
      }
    }
  }

  private static boolean healthy(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
        == 200;
  }

  private static long residentMegabytes(long pid) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
            .filter(l -> l.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
  }
}
