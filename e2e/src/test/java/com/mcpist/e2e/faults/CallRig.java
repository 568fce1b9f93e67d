package com.mcpist.e2e.faults;

import com.mcpist.drill.link.FaultProxy;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.McpConnection.Reply;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Two {@link FaultOrigin}s behind an edge, what their tools act on, and clients that call them. */
final class CallRig implements AutoCloseable {

  private final TestDatabase database;
  private final Outside outside;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final FaultProxy link;
  private final RigPlan plan;
  private final Rig rig;

  private CallRig(TestDatabase database, Outside outside, FaultProxy link, RigPlan plan)
      throws IOException {
    this.database = database;
    this.outside = outside;
    this.link = link;
    this.plan = plan;
    this.rig = plan.start();
  }

  static CallRig start() throws SQLException, IOException {
    return start(Map.of());
  }

  /** One whose programs have more variables. */
  static CallRig start(Map<String, String> more) throws SQLException, IOException {
    TestDatabase database = TestDatabase.create();
    try (var connection = database.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(FaultTools.TABLE);
      // The origins' role is made by the first of them.
      statement.execute("grant select, insert on fault_effect to public");
    }
    Outside outside = Outside.start();
    RigPlan plan =
        RigPlan.on(database.url())
            .origins(FaultOrigin.class)
            .everywhere(more)
            .variable("OUTSIDE_URL", outside.url())
            // Its clients are one user, who takes a connection only while more are free.
            .variable("DATABASE_POOL_SIZE", "16");
    FaultProxy link =
        FaultProxy.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), plan.port(Pair.PRIMARY)));
    plan.reachedBy(Pair.PRIMARY, "http://127.0.0.1:" + link.port());
    return new CallRig(database, outside, link, plan);
  }

  Rig rig() {
    return rig;
  }

  Outside outside() {
    return outside;
  }

  /** Between the edge and the primary. */
  FaultProxy link() {
    return link;
  }

  /** Where an origin listens, past the edge. */
  int port(String origin) {
    return plan.port(origin);
  }

  /** Everything outside answers at once, both origins are healthy, and the primary serves. */
  void settle() throws IOException {
    outside.answers(step -> true);
    link.mend();
    rig.settle();
  }

  /** Begins a call through the edge. */
  Future<Reply> call(String tool, String name, int steps, String headers) {
    return clients.submit(() -> call(rig.port(), tool, name, steps, headers));
  }

  /** The same, by a client that wants to be told the progress. */
  Future<Reply> callWithProgress(String tool, String name, int steps, Duration limit) {
    Map<String, ?> params =
        Map.of(
            "name",
            tool,
            "arguments",
            Map.of("name", name, "steps", steps),
            "_meta",
            Map.of("progressToken", name));
    return call(tool, params, limit);
  }

  /** The same, by one that is in a trace. */
  Future<Reply> callInTrace(String tool, String name, String traceparent, Duration limit) {
    Map<String, ?> params =
        Map.of(
            "name",
            tool,
            "arguments",
            Map.of("name", name, "steps", 1),
            "_meta",
            Map.of("traceparent", traceparent));
    return call(tool, params, limit);
  }

  private Future<Reply> call(String tool, Map<String, ?> params, Duration limit) {
    return clients.submit(
        () -> {
          try (McpConnection client = McpConnection.open(rig.port()).patience(limit)) {
            return client.exchange(
                McpConnection.request("/mcp", "tools/call", params, "Mcp-Name: " + tool));
          }
        });
  }

  /** Calls on a connection of its own. */
  static Reply call(int port, String tool, String name, int steps, String headers)
      throws IOException {
    try (McpConnection client = McpConnection.open(port).patience(Duration.ofMinutes(4))) {
      return client.call(tool, Map.of("name", name, "steps", steps), headers);
    }
  }

  /** The attempts that left a row in the database for the call of that name. */
  List<Integer> written(String name) throws SQLException {
    try (var connection = database.dataSource().getConnection();
        var select =
            connection.prepareStatement(
                "select attempt from fault_effect where name = ? order by attempt")) {
      select.setString(1, name);
      List<Integer> attempts = new ArrayList<>();
      try (var row = select.executeQuery()) {
        while (row.next()) {
          attempts.add(row.getInt(1));
        }
      }
      return attempts;
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    outside.close();
    rig.close();
    link.close();
    clients.close();
    database.close();
  }
}
