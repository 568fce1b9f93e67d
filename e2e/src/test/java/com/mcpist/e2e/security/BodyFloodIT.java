package com.mcpist.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** More large bodies at once than an origin has memory for: nobody else notices. */
@Tag("alone")
@Tag("long")
class BodyFloodIT {
  private static final int FLOODERS = 12;
  private static final int LARGE_CALLS = 150;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String LARGE = "x".repeat(4 * 1024 * 1024 - 2000);

  private final AtomicInteger answered = new AtomicInteger();

  @Test
  void noOriginIsBlamedAndOthersAreServed() throws Exception {
    try (Pair pair = Pair.up()) {
      pair.awaitSettled();
      Load others = Load.start(pair.port(), 2, BodyFloodIT::search);
      Load flood = Load.start(pair.port(), FLOODERS, Duration.ZERO, this::large);
      Conditions.await("the flood is over", LIMIT, () -> answered.get() >= LARGE_CALLS);
      Load.Report flooded = flood.stop();
      Load.Report served = others.stop();

      assertThat(served.failures()).as(served.summary()).isEmpty();
      assertThat(flooded.failures()).as(flooded.summary()).isEmpty();
      assertThat(blamed(pair)).isEmpty();
      pair.awaitSettled();
    }
  }

  /** From the same address, as everybody is whom a proxy hides. */
  @Test
  void keysThatNobodyKnowsKeepNobodyOut() throws Exception {
    List<RawHttp> stalled = new ArrayList<>();
    try (Pair pair = Pair.up(Map.of(), Pair.FILE + "auth: {keys: true}\n")) {
      pair.awaitSettled();
      String key = pair.run("keys", "create", "carol", "--user", "carol").out().strip();
      try (McpConnection carol = McpConnection.open(pair.port())) {
        Map<String, String> arguments = Map.of("title", "t", "text", "x".repeat(100_000));
        String header = "Authorization: Bearer " + key;
        assertThat(carol.call("memory_save", arguments, header).status()).isEqualTo(200);
        for (int i = 0; i < FLOODERS; i++) {
          String another = "Authorization: Bearer " + ApiKey.create().secret().reveal();
          String request = RawHttp.post("/mcp", another, LARGE);
          stalled.add(RawHttp.connect(pair.port()));
          stalled.getLast().send(request.substring(0, request.length() - 1));
        }
        for (int i = 0; i < 20; i++) {
          assertThat(carol.call("memory_save", arguments, header).status()).isEqualTo(200);
        }
        for (RawHttp each : stalled) {
          assertThat(each.read().status()).isIn(408, 429);
        }
      }
    } finally {
      for (RawHttp each : stalled) {
        each.close();
      }
    }
  }

  private static String search(McpConnection connection, int client, int number)
      throws IOException {
    McpConnection.Reply reply =
        connection.patience(LIMIT).call("memory_search", Map.of("query", "x"));
    reply.structured();
    return reply.servedBy();
  }

  /** Too long for a memory, or for the edge just now: any clear answer will do. */
  private String large(McpConnection connection, int client, int number) throws IOException {
    McpConnection.Reply reply =
        connection.patience(LIMIT).call("memory_save", Map.of("title", "t", "text", LARGE));
    assertThat(reply.status()).as(reply.http().toString()).isIn(200, 429, 503);
    answered.incrementAndGet();
    return reply.servedBy();
  }

  /**
   * What the edge has said against an origin. A heartbeat that was late is none of it: on a busy
   * machine that happens without any flood, and costs a replay.
   */
  private static List<String> blamed(Pair pair) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> logs = Files.list(pair.data().resolve("logs"))) {
      for (Path log : logs.filter(f -> f.getFileName().toString().startsWith("edge")).toList()) {
        lines.addAll(Files.readAllLines(log));
      }
    }
    assertThat(lines).as("the edge's log").anyMatch(line -> line.contains("-> healthy"));
    return lines.stream()
        .filter(line -> line.contains("-> suspect") || line.contains("-> unhealthy"))
        .filter(line -> !line.contains("heartbeat"))
        .toList();
  }
}
