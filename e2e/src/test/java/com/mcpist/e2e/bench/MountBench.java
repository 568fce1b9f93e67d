package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a mounted tool costs beside the same call without the origin: 16 clients call a tool that
 * reads, at the server itself, mounted over HTTP and mounted over standard input and output.
 */
public final class MountBench {
  private static final int CLIENTS = 16;
  private static final String SECRET = "X-User-Id: local\nX-Gateway-Secret: " + EdgeConfig.SECRET;

  private MountBench() {}

  /** Takes the seconds of each load. */
  public static void main(String[] args) throws Exception {
    Duration length = Duration.ofSeconds(Long.parseLong(args[0]));
    int server = Ports.free();
    int port = Ports.free();
    String[] echo = EchoServer.command();
    Process direct =
        new ProcessBuilder(
                Stream.concat(Stream.of(echo), Stream.of(Integer.toString(server))).toList())
            .inheritIO()
            .start();
    try (TestDatabase database = TestDatabase.create();
        Program origin =
            Program.origin(port, database, Map.of("MOUNTS", mounts(server, echo).toString()))) {
      origin.await("it is healthy", () -> health(port) == 200);
      System.out.println(
          "                     calls/s   p50 ms   p99 ms   us of the origin's CPU each");
      for (int round = 0; round < 3; round++) {
        run("at the server", server, "echo", "", origin.pid(), length);
        run("mounted over HTTP", port, "over-http_echo", SECRET, origin.pid(), length);
        run("mounted over stdio", port, "over-stdio_echo", SECRET, origin.pid(), length);
      }
    } finally {
      direct.destroy();
    }
    System.exit(0);
  }

  private static ObjectNode mounts(int server, String[] echo) {
    ObjectNode mounts = JsonMapper.shared().createObjectNode();
    ObjectNode servers = mounts.putObject("mcpServers");
    servers.putObject("over-http").put("url", "http://127.0.0.1:" + server + "/mcp");
    ObjectNode stdio = servers.putObject("over-stdio").put("command", echo[0]);
    List.of(echo).stream().skip(1).forEach(stdio.putArray("args")::add);
    return mounts;
  }

  private static int health(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status();
  }

  private static void run(
      String name, int port, String tool, String headers, long origin, Duration length)
      throws Exception {
    long before = cpuMicros(origin);
    long begin = System.nanoTime();
    Load load =
        Load.start(
            port,
            CLIENTS,
            Duration.ZERO,
            (connection, client, number) -> {
              String text = client + " " + number;
              var reply = connection.call(tool, Map.of("text", text), headers);
              if (!reply.result().at("/content/0/text").asString("").equals(text)) {
                throw new AssertionError(reply.body().toString());
              }
              return "";
            });
    load.awaitElapsed(length);
    Load.Report report = load.stop();
    double seconds = (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1);
    if (!report.failures().isEmpty()) {
      throw new AssertionError(report.failures().getFirst());
    }
    long[] nanos = report.outcomes().stream().mapToLong(Load.Outcome::nanos).sorted().toArray();
    System.out.printf(
        "%-20s %8.0f %8.2f %8.2f %8d%n",
        name,
        nanos.length / seconds,
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 99 / 100] / 1e6,
        (cpuMicros(origin) - before) / nanos.length);
  }

  private static long cpuMicros(long pid) {
    return ProcessHandle.of(pid)
            .flatMap(process -> process.info().totalCpuDuration())
            .orElseThrow()
            .toNanos()
        / 1_000;
  }
}
