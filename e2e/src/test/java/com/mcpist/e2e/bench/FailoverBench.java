package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Status;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * Clients that call without a pause, while the origin that serves is killed every so many seconds.
 * Exit code 1 when a call failed or one took a second or more.
 */
public final class FailoverBench {

  private static final Duration LONGEST = Duration.ofSeconds(1);

  private FailoverBench() {}

  /**
   * Takes the tool, {@code memory_search} or {@code memory_save}, the number of clients, the
   * seconds of the whole and the seconds between two kills.
   */
  public static void main(String[] args) throws Exception {
    String tool = args[0];
    int clients = Integer.parseInt(args[1]);
    Duration length = Duration.ofSeconds(Long.parseLong(args[2]));
    Duration between = Duration.ofSeconds(Long.parseLong(args[3]));
    Load.Report report;
    int kills = 0;
    try (Pair pair = Pair.up()) {
      save(pair.port());
      pair.awaitSettled();
      Load load = Load.start(pair.port(), clients, (c, client, n) -> call(c, tool, client, n));
      while (load.elapsed().compareTo(length) < 0) {
        Duration next = between.multipliedBy(kills + 1L);
        Conditions.await(
            "the time of the next kill", length, () -> load.elapsed().compareTo(next) >= 0);
        Processes.kill(serving(pair));
        kills++;
      }
      report = load.stop();
    }
    System.out.printf("%s, %d clients, %d kills: %s%n", tool, clients, kills, report.summary());
    report.failures().stream().distinct().limit(10).forEach(f -> System.out.println("  " + f));
    boolean good = report.failures().isEmpty() && report.longest().compareTo(LONGEST) < 0;
    System.exit(good ? 0 : 1);
  }

  private static long serving(Pair pair) {
    return pair.awaitStatus(
            "an origin serves",
            Conditions.LIMIT,
            s -> s.active().filter(o -> o.pid() != null).isPresent())
        .active()
        .map(Status.Origin::runningPid)
        .orElseThrow();
  }

  private static void save(int port) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      client.call("memory_save", Map.of("title", "One", "text", "About the failover")).structured();
    }
  }

  private static String call(McpConnection connection, String tool, int client, int number)
      throws IOException {
    Map<String, String> arguments =
        tool.equals("memory_save")
            ? Map.of("title", "client " + client + " number " + number, "text", "t")
            : Map.of("query", "failover");
    McpConnection.Reply reply = connection.call(tool, arguments);
    reply.structured();
    return reply.servedBy();
  }
}
