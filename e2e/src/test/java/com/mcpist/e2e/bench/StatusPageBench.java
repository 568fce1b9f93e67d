package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What those who look at the status page cost the edge: its CPU for a call without them and with
 * them, in turns. Exit code 1 when a call fails, or costs more than 1.02 times as much beside them.
 */
public final class StatusPageBench {
  private static final int CLIENTS = 16;
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int ROUNDS = 5;
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final double MOST = 1.02;

  private StatusPageBench() {}

  /** Takes the number of viewers, and the seconds of each part. */
  public static void main(String[] args) throws Exception {
    int viewers = Integer.parseInt(args[0]);
    Duration counted = Duration.ofSeconds(Long.parseLong(args[1]));
    double without = 0;
    double with = 0;
    try (Pair pair = Pair.up()) {
      micros(pair, WARM_UP);
      for (int round = 0; round < ROUNDS; round++) {
        without += micros(pair, counted);
        List<RawHttp> streams = new ArrayList<>();
        for (int i = 0; i < viewers; i++) {
          streams.add(RawHttp.connect(pair.port()).send(viewer(pair)));
        }
        with += micros(pair, counted);
        for (RawHttp stream : streams) {
          stream.close();
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "edge's CPU for a call: %.1f us, beside %d viewers %.1f us: %.3f times%n",
        without / ROUNDS,
        viewers,
        with / ROUNDS,
        with / without);
    System.exit(with / without <= MOST ? 0 : 1);
  }

  private static String viewer(Pair pair) {
    return "GET /status/events?lang=en HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
        .formatted(pair.port());
  }

  /** Of the edge, for a call. */
  private static double micros(Pair pair, Duration counted)
      throws IOException, InterruptedException {
    ProcessHandle edge = ProcessHandle.of(pair.status().edge().pid()).orElseThrow();
    Duration before = edge.info().totalCpuDuration().orElseThrow();
    try (Load load = Load.start(pair.port(), CLIENTS, PAUSE, (client, _, _) -> list(client))) {
      load.awaitElapsed(counted);
      Load.Report report = load.stop();
      if (!report.failures().isEmpty()) {
        throw new IOException(report.summary());
      }
      Duration used = edge.info().totalCpuDuration().orElseThrow().minus(before);
      return used.toNanos() / 1e3 / report.calls();
    }
  }

  private static String list(McpConnection client) throws IOException {
    client.call("memory_list", Map.of()).structured();
    return "";
  }
}
