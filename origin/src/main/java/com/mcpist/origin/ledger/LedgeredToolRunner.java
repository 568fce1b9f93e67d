package com.mcpist.origin.ledger;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.db.SqlFailures;
import com.mcpist.origin.module.AttemptFailedException;
import com.mcpist.origin.module.InputRequired;
import com.mcpist.origin.module.Invocation;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import com.mcpist.origin.module.ToolRunner;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;

/**
 * Runs tools so that a call has its effect once, however many attempts at it there are, on however
 * many origins. docs/design/ledger.md says how, and what each failure does.
 */
public final class LedgeredToolRunner implements ToolRunner, AutoCloseable {
  /** Small, so that a deletion never holds a lock for long. */
  private static final int CLEANING_BATCH = 500;

  private final Database database;
  private final Ledger.Config config;
  private final BooleanSupplier schemaReady;
  private final Ledger ledger;
  private final Writes writes;
  private final Outside outside;
  private final Background cleaning;

  /**
   * Starts, with the upkeep that goes on in the background; close the runner before the database.
   *
   * @param schemaReady whether the database has what this release needs, and this process no more
   *     rights than it should
   */
  public LedgeredToolRunner(Database database, Ledger.Config config, BooleanSupplier schemaReady) {
    this.schemaReady = schemaReady;
    this.database = database;
    this.config = config;
    this.ledger = new Ledger(config);
    this.writes = new Writes(database, ledger, config);
    this.outside = new Outside(database, ledger, config);
    this.cleaning = new Background("ledger cleaning", config.cleanEvery(), this::clean);
  }

  @Override
  public ToolResult run(Tool tool, Invocation invocation) throws Exception {
    if (!schemaReady.getAsBoolean()) {
      // Until then it is not known as what the calls run, either.
      throw new AttemptFailedException(
          "The database is away, or its schema is not there yet",
          new IllegalStateException(tool.name()));
    }
    try {
      return switch (tool.effect()) {
        case READS -> read(tool, invocation);
        case WRITES_DATABASE -> writes.run(Ledger.Call.of(tool, invocation));
        case ACTS_OUTSIDE, ACTS_OUTSIDE_IDEMPOTENTLY ->
            outside.run(Ledger.Call.of(tool, invocation));
      };
    } catch (ToolException | InputRequired | AttemptFailedException e) {
      throw e;
    } catch (Exception e) {
      if (Failure.of(e) != Failure.TOOL) {
        throw new AttemptFailedException(SqlFailures.firstLine(e), e);
      }
      throw Failure.StorageLimit.refusal(e).map(Exception.class::cast).orElse(e);
    }
  }

  private ToolResult read(Tool tool, Invocation invocation) throws Exception {
    int seconds = Math.toIntExact(config.statementTime().toSeconds());
    return Tries.of(
        tool.name(),
        number -> {
          String user = invocation.attempt().key().user();
          var transaction = new ReadingTransaction(user, database, number > 1, seconds);
          try {
            ToolResult result = tool.handler().run(new ToolCall(invocation, transaction::handle));
            transaction.end();
            return result;
          } finally {
            transaction.abandon();
          }
        });
  }

  private void clean() throws SQLException {
    int deleted;
    do {
      try (Handle handle = database.open()) {
        deleted = ledger.clean(handle.getConnection(), CLEANING_BATCH);
      }
    } while (deleted == CLEANING_BATCH);
  }

  @Override
  public void close() {
    cleaning.close();
    outside.close();
  }
}
