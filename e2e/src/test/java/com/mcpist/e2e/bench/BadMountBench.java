package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the memory's callers notice of a bad mounted server: their p99 while others call a server
 * that floods, or never answers, beside their p99 while nobody does.
 */
public final class BadMountBench {
  private static final double LIMIT = 1.5;
  private static final int CLIENTS = 8;
  private static final int CALLERS = 2;
  private static final String SECRET = "X-User-Id: local\nX-Gateway-Secret: " + EdgeConfig.SECRET;

  /** What it does when its tool is called is in its place. */
  private static final String SERVER =
      """
      while read -r line; do
        id=${line#*\\"id\\":}
        id=${id%%[,\\}]*}
        begin='{"jsonrpc":"2.0","id":'$id',"result":'
        case $line in
          *'"initialize"'*) echo "$begin"'{"protocolVersion":"2025-06-18",\
      "capabilities":{"tools":{}},"serverInfo":{"name":"bad","version":"1"}}}' ;;
          *'"tools/list"'*) echo "$begin"'{"tools":[{"name":"call",\
      "inputSchema":{"type":"object"}}]}}' ;;
          *'"tools/call"'*) BAD ;;
        esac
      done
      """;

  /** How a server may be bad. */
  private enum Kind {
    FLOODS("while :; do echo '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}'; done"),
    NEVER_ANSWERS(":"),
    WRITES_NO_JSON("while :; do echo 'Server is running'; done"),
    DIES("exit 1"),
    PRINTS("echo 'Server is running'; echo \"$begin\"'{\"content\":[]}}'");

    private final String does;

    Kind(String does) {
      this.does = does;
    }

    String mounts(Path folder) throws IOException {
      Path server = Files.writeString(folder.resolve(name()), SERVER.replace("BAD", does));
      ObjectNode mounts = JsonMapper.shared().createObjectNode();
      ObjectNode bad = mounts.putObject("mcpServers").putObject("bad");
      bad.put("command", "/bin/sh").put("timeout_seconds", 1);
      bad.putArray("args").add(server.toString());
      return mounts.toString();
    }
  }

  private BadMountBench() {}

  /** Takes the seconds of each load. */
  public static void main(String[] args) throws Exception {
    Duration length = Duration.ofSeconds(Long.parseLong(args[0]));
    Path folder = Files.createTempDirectory("mcpist-bench");
    boolean within = true;
    System.out.println("                p99 ms alone   beside it    ratio   calls of it");
    for (Kind kind : Kind.values()) {
      within &= measure(kind, folder, length) <= LIMIT;
    }
    System.out.println(within ? "all within " + LIMIT : "not all within " + LIMIT);
    System.exit(within ? 0 : 1);
  }

  private static double measure(Kind kind, Path folder, Duration length) throws Exception {
    int port = Ports.free();
    try (TestDatabase database = TestDatabase.create();
        Program origin = Program.origin(port, database, Map.of("MOUNTS", kind.mounts(folder)))) {
      origin.await("it is healthy", () -> health(port) == 200);
      p99(port, length); // Compiled.
      double alone = p99(port, length);
      Load bad =
          Load.start(
              port,
              CALLERS,
              (connection, _, _) -> connection.call("bad_call", Map.of(), SECRET).servedBy());
      double beside = p99(port, length);
      int calls = bad.stop().outcomes().size();
      System.out.printf(
          "%-16s %11.2f %11.2f %8.2f %13d%n", kind, alone, beside, beside / alone, calls);
      return beside / alone;
    }
  }

  /** Of the memory's tools, in milliseconds. */
  private static double p99(int port, Duration length) throws Exception {
    Load load =
        Load.start(
            port,
            CLIENTS,
            (connection, client, number) -> {
              var reply =
                  number % 2 == 0
                      ? connection.call("memory_save", memory(client, number), SECRET)
                      : connection.call("memory_search", Map.of("query", "bench"), SECRET);
              if (reply.structured().isEmpty()) {
                throw new AssertionError(reply.body().toString());
              }
              return "";
            });
    load.awaitElapsed(length);
    Load.Report report = load.stop();
    if (!report.failures().isEmpty()) {
      throw new AssertionError(report.failures().getFirst());
    }
    long[] nanos = report.outcomes().stream().mapToLong(Load.Outcome::nanos).sorted().toArray();
    return nanos[nanos.length * 99 / 100] / 1e6;
  }

  private static Map<String, String> memory(int client, int number) {
    return Map.of("title", client + " " + number, "text", "Saved by a bench");
  }

  private static int health(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status();
  }
}
