package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * How well memory_search finds what is asked for, and how fast. Exit code 1 past the limits of
 * {@link SearchBenchSet} or {@link SearchBenchSpeed}.
 */
public final class SearchBench {

  private SearchBench() {}

  /** Takes {@code quality}, or {@code speed} and numbers of memories. */
  public static void main(String[] args) throws Exception {
    boolean good;
    if (args[0].equals("quality")) {
      SearchBenchSet.Report report = quality();
      System.out.println(report);
      good = report.good();
    } else {
      good = SearchBenchSpeed.run(List.of(args).subList(1, args.length));
    }
    System.exit(good ? 0 : 1);
  }

  /** Of one origin on an empty database. */
  static SearchBenchSet.Report quality() throws IOException, SQLException {
    int port = Ports.free();
    try (TestDatabase database = TestDatabase.create();
        Program origin = Program.origin(port, database, Map.of())) {
      origin.await("it is healthy", () -> healthy(port));
      try {
        return SearchBenchSet.read().ask(port);
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + "\n" + origin.log(), e);
      }
    }
  }

  private static boolean healthy(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
        == 200;
  }
}
