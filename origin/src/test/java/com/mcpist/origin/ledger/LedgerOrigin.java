package com.mcpist.origin.ledger;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.fixture.TestSchema;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An origin without HTTP: a pool, and the runner on it. */
final class LedgerOrigin implements AutoCloseable {
  private final Database database;
  private final LedgeredToolRunner runner;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private LedgerOrigin(String url, int poolSize, Ledger.Config config) {
    database =
        Database.open(
            new Database.Config(DatabaseUrl.parse(url), Optional.empty(), poolSize, false),
            TestSchema.loginGate());
    runner = new LedgeredToolRunner(database, config, () -> true);
  }

  static LedgerOrigin on(String url) {
    return on(url, 4);
  }

  static LedgerOrigin on(String url, int poolSize) {
    return new LedgerOrigin(url, poolSize, new LedgerConfig().build()).connected();
  }

  static LedgerOrigin on(String url, Ledger.Config config) {
    return new LedgerOrigin(url, 4, config).connected();
  }

  /** One whose database need not be there. */
  static LedgerOrigin unconnected(String url) {
    return new LedgerOrigin(url, 4, new LedgerConfig().build());
  }

  private LedgerOrigin connected() {
    var _ = TestSchema.connected(database);
    return this;
  }

  ToolResult run(Tool tool, TestInvocation invocation) throws Exception {
    return runner.run(tool, invocation);
  }

  /** Records that the clients of these calls have no answer. */
  void undelivered(Tool tool, TestInvocation... calls) throws Exception {
    for (TestInvocation call : calls) {
      runner.undelivered(tool.name(), call);
    }
  }

  /** Runs it on a thread of its own. */
  CompletableFuture<ToolResult> start(Tool tool, TestInvocation invocation) {
    CompletableFuture<ToolResult> result = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            result.complete(runner.run(tool, invocation));
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /** Returns how often the ledger has answered an attempt of this origin by this state. */
  double outcomes(String state) {
    return ((CounterSnapshot) runner.collector().collect())
        .getDataPoints().stream()
            .filter(point -> state.equals(point.getLabels().get("outcome")))
            .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
            .sum();
  }

  void dropConnections() {
    database.dropConnections();
  }

  /** Dies as a process that is killed: from now on it says nothing to the database any more. */
  void crash() {
    database.close();
    runner.close();
  }

  static Tool tool(Effect effect, Tool.Handler handler) {
    return tool("test", effect, handler);
  }

  static Tool tool(String name, Effect effect, Tool.Handler handler) {
    ObjectNode definition = JsonMapper.shared().createObjectNode().put("name", name);
    definition.putObject("annotations").put("readOnlyHint", effect == Effect.READS);
    return new Tool(definition, effect, handler);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    runner.close();
    database.close();
  }
}
