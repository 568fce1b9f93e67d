package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Clients that call without a pause a pair that {@code ./mcpist up} runs, while the origin that
 * serves is killed every so many seconds. Exit code 1 when a call failed or one took a second or
 * more.
 */
public final class FailoverBench {

  private FailoverBench() {}

  /**
   * Takes the tool, {@code memory_search} or {@code memory_save}, the number of clients, the
   * seconds of the whole and the seconds between two kills.
   */
  public static void main(String[] args) throws Exception {
    String tool = args[0];
    int clients = Integer.parseInt(args[1]);
    Schedule schedule =
        new Schedule.Kill(
            Duration.ofSeconds(Long.parseLong(args[2])),
            Duration.ofSeconds(Long.parseLong(args[3])));
    Load.Caller caller =
        tool.equals("memory_save") ? new Saves("measured")::call : FailoverBench::search;
    Load.Report report;
    ClassArchives.make();
    try (Pair pair = Pair.up()) {
      try (McpConnection client = McpConnection.open(pair.port())) {
        new Saves("failover").call(client, 0, 0);
      }
      pair.awaitSettled();
      Load load = Load.start(pair.port(), clients, Duration.ZERO, caller);
      schedule.run(load, new Supervised(pair));
      report = load.stop();
    }
    System.out.printf("%s, %d clients: %s%n", tool, clients, report.summary());
    report.failures().stream().distinct().limit(10).forEach(f -> System.out.println("  " + f));
    boolean good = report.failures().isEmpty() && report.longest().compareTo(schedule.limit()) < 0;
    System.exit(good ? 0 : 1);
  }

  private static String search(McpConnection connection, int client, int number)
      throws IOException {
    McpConnection.Reply reply = connection.call("memory_search", Map.of("query", "failover"));
    reply.structured();
    return reply.servedBy();
  }

  /** The supervisor starts what was killed. */
  private record Supervised(Pair pair) implements Site {

    @Override
    public int port() {
      return pair.port();
    }

    @Override
    public String primary() {
      return Pair.PRIMARY;
    }

    @Override
    public boolean kill(String origin) throws IOException {
      Optional<Long> pid = pid(origin, o -> o.state().equals("healthy"));
      pid.ifPresent(Processes::kill);
      return pid.isPresent();
    }

    @Override
    public void signal(String origin, String name) throws IOException {
      long pid =
          pid(origin, o -> true).orElseThrow(() -> new IOException(origin + " does not run"));
      Processes.signal(pid, name);
    }

    private Optional<Long> pid(String name, Predicate<Status.Origin> wanted) throws IOException {
      Status.Origin origin = pair.status().origin(name);
      return wanted.test(origin) ? Optional.ofNullable(origin.pid()) : Optional.empty();
    }
  }
}
