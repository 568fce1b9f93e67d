package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.db.DatabaseConfig;
import com.mcpist.origin.db.DatabaseUrl;
import com.mcpist.origin.db.SchemaKeeper;
import com.mcpist.origin.ledger.LedgerConfig;
import com.mcpist.origin.ledger.LedgeredToolRunner;
import com.mcpist.origin.module.Answers;
import com.mcpist.origin.module.Attempt;
import com.mcpist.origin.module.CallKey;
import com.mcpist.origin.module.Invocation;
import com.mcpist.origin.module.LogLevel;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolResult;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.MutableClock;
import com.mcpist.testkit.TestDatabase;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A user of the memory tools, without the wire: on the real ledger and the real database. */
final class MemoryClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final String user;
  private final TestDatabase database;
  private final Database pool;
  private final LedgeredToolRunner runner;
  private final MutableClock clock;
  private final MemoryModule module;

  private MemoryClient(
      String user,
      TestDatabase database,
      Database pool,
      LedgeredToolRunner runner,
      MutableClock clock) {
    this.user = user;
    this.database = database;
    this.pool = pool;
    this.runner = runner;
    this.clock = clock;
    this.module = new MemoryModule(clock);
  }

  static MemoryClient start() throws SQLException {
    TestDatabase database = TestDatabase.create();
    DatabaseUrl url = DatabaseUrl.parse(database.url());
    try (SchemaKeeper keeper = SchemaKeeper.start(url, e -> fail("The schema must fit", e))) {
      Conditions.await("the schema is there", () -> keeper.version().isPresent());
    }
    Database pool = Database.open(new DatabaseConfig(url, url, 2));
    LedgeredToolRunner runner = LedgeredToolRunner.start(pool, LedgerConfig.of("test"), () -> true);
    return new MemoryClient("nobody", database, pool, runner, MutableClock.create());
  }

  /** Another user of the same. */
  MemoryClient as(String other) {
    return new MemoryClient(other, database, pool, runner, clock);
  }

  MutableClock clock() {
    return clock;
  }

  /** The structured content of a call, which is valid by the tool's output schema. */
  ObjectNode call(String tool, Object... namesAndValues) throws Exception {
    return Objects.requireNonNull(result(tool, namesAndValues).structured(), "structured content");
  }

  ToolResult result(String name, Object... namesAndValues) throws Exception {
    ObjectNode arguments = JSON.createObjectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      arguments.set((String) namesAndValues[i], JSON.valueToTree(namesAndValues[i + 1]));
    }
    Tool tool =
        module.tools().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
    ToolResult result = runner.run(tool, new Call(user, arguments));
    String problems =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(tool.definition().path("outputSchema").toString(), InputFormat.JSON)
            .validate(String.valueOf(result.structured()), InputFormat.JSON)
            .toString();
    assertThat(problems).as("problems of the output").isEqualTo("[]");
    return result;
  }

  private record Call(Attempt attempt, ObjectNode arguments) implements Invocation {
    Call(String user, ObjectNode arguments) {
      this(
          new Attempt(new CallKey(user, UUID.randomUUID().toString(), 0, false), 1, null),
          arguments);
    }

    @Override
    public Answers answers() {
      return new Answers(JSON.createObjectNode(), JSON.createObjectNode(), Set.of());
    }

    @Override
    public void progress(double progress, double total, String message) {}

    @Override
    public void log(LogLevel level, String logger, JsonNode data) {}

    @Override
    public boolean cancelled() {
      return false;
    }
  }

  @Override
  public void close() throws SQLException {
    runner.close();
    pool.close();
    database.close();
  }
}
