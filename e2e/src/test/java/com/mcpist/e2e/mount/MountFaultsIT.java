package com.mcpist.e2e.mount;

import static com.mcpist.e2e.harness.Pair.PRIMARY;
import static com.mcpist.e2e.harness.Pair.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.link.FaultProxy;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Clients of mounted tools that act outside, while the origin that serves is killed, hangs, and is
 * cut off.
 */
@Tag("long")
class MountFaultsIT {
  private static final int CLIENTS = 16;
  private static final int SOME = 4 * CLIENTS;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What happens to the primary. */
  private enum Fault {
    KILLED,
    HANGS,
    CUT_OFF_FROM_THE_EDGE,
    CUT_OFF_FROM_THE_DATABASE
  }

  private final Queue<String> done = new ConcurrentLinkedQueue<>();
  private final Queue<String> unknown = new ConcurrentLinkedQueue<>();
  private TestDatabase database;
  private FaultProxy toPrimary;
  private FaultProxy toDatabase;
  private Rig rig;
  private Path file;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  MountFaultsIT() {}

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    file = Files.createFile(folder.resolve("acts"));
    ObjectNode mounts = JsonMapper.shared().createObjectNode();
    ObjectNode acting = mounts.putObject("mcpServers").putObject("acting");
    acting.put("command", ProcessHandle.current().info().command().orElseThrow());
    List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            ActingServer.class.getName())
        .forEach(acting.putArray("args")::add);
    acting.putObject("env").put("FILE", file.toString());
    acting.putObject("tools").putObject("put").putObject("key").put("argument", "key");
    database = TestDatabase.create();
    RigPlan plan = RigPlan.on(database.url()).variable("MOUNTS", mounts.toString());
    toPrimary = link(plan.port(PRIMARY));
    toDatabase = link(database.port());
    rig =
        plan.reachedBy(PRIMARY, "http://127.0.0.1:" + toPrimary.port())
            .database(
                PRIMARY, database.url().replace(":" + database.port(), ":" + toDatabase.port()))
            .start();
  }

  private static FaultProxy link(int port) throws IOException {
    return FaultProxy.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
    toDatabase.close();
    toPrimary.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"acting_act", "acting_put"})
  void noActHappensTwiceAndEachClientHearsTheTruth(String tool) throws Exception {
    try (Load load = Load.start(rig.port(), CLIENTS, (c, i, n) -> call(tool, c, i + " " + n))) {
      for (Fault fault : Fault.values()) {
        awaitSome(load, PRIMARY);
        switch (fault) {
          case KILLED -> rig.kill(PRIMARY);
          case HANGS -> rig.hang(PRIMARY);
          case CUT_OFF_FROM_THE_EDGE -> toPrimary.cut();
          case CUT_OFF_FROM_THE_DATABASE -> toDatabase.cut();
        }
        awaitSome(load, STANDBY);
        toPrimary.mend();
        toDatabase.mend();
        rig.settle();
      }
      Load.Report report = load.stop();
      assertThat(report.failures()).as(report.summary() + rig.edge().log()).isEmpty();
    }
    List<String> acts = Files.readAllLines(file).stream().map(MountFaultsIT::withoutKey).toList();
    assertThat(acts).doesNotHaveDuplicates().containsAll(done);
    assertThat(acts).as("what nobody was told of").isSubsetOf(union(done, unknown));
    if (tool.equals("acting_put")) {
      assertThat(unknown).as("it has a key").isEmpty();
    }
  }

  private static void awaitSome(Load load, String origin) {
    long enough = calls(load, origin) + SOME;
    Conditions.await("calls at " + origin, LIMIT, () -> calls(load, origin) >= enough);
  }

  private static long calls(Load load, String origin) {
    return load.report().byOrigin().getOrDefault(origin, 0L);
  }

  private String call(String tool, McpConnection connection, String text) throws IOException {
    McpConnection.Reply reply = connection.patience(LIMIT).call(tool, Map.of("text", text));
    String said = reply.result().at("/content/0/text").asString("");
    if (reply.result().path("isError").asBoolean(false)) {
      assertThat(said).contains("outcome of this call is unknown");
      unknown.add(text);
    } else {
      assertThat(said).as(reply.body().toString()).isEqualTo("done");
      done.add(text);
    }
    return reply.servedBy();
  }

  private static String withoutKey(String line) {
    return line.substring(0, line.lastIndexOf(' '));
  }

  private static List<String> union(Queue<String> some, Queue<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }
}
