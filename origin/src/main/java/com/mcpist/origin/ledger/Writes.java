package com.mcpist.origin.ledger;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.module.AttemptFailedException;
import com.mcpist.origin.module.ToolCall;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls that write the database: one transaction takes the call's lock, looks the call up, does the
 * work, records the result, and commits.
 */
record Writes(Database database, Ledger ledger, Ledger.Config config) {
  private static final Logger LOG = LoggerFactory.getLogger(Writes.class);

  ToolResult run(Ledger.Call call) throws Exception {
    Tries.Patience patience = new Tries.Patience(call.invocation(), config.busyWait());
    return Tries.of(
        call.tool().name(),
        number -> {
          Optional<ToolResult> result = transaction(call, number);
          while (result.isEmpty()) {
            patience.pause();
            result = transaction(call, number);
          }
          return result.get();
        });
  }

  /** Empty when another attempt is at the call. */
  private Optional<ToolResult> transaction(Ledger.Call call, int number) throws Exception {
    Handle handle = database.openFor(call.attempt().key().user(), number > 1);
    Optional<ToolResult> result;
    try {
      Ledger.Entry entry = ledger.enter(handle.getConnection(), call, number);
      if (entry.state() != Ledger.Entry.State.ENTERED) {
        result = entry.resultOf(call);
        Tries.undo(database, handle);
        return result;
      }
      result = Optional.of(work(call, number, handle));
    } catch (Throwable e) {
      Optional<SQLException> lost = Tries.undo(database, handle);
      if (e instanceof ToolException && lost.isPresent()) {
        // A tool may have taken the loss of its connection for something that its caller can mend.
        lost.get().addSuppressed(e);
        throw lost.get();
      }
      throw e;
    }
    handle.close();
    return result;
  }

  private ToolResult work(Ledger.Call call, int number, Handle handle) throws Exception {
    try {
      ToolResult fresh = call.tool().handler().run(new ToolCall(call.invocation(), () -> handle));
      ledger.finish(handle.getConnection(), call, number, StoredResult.write(fresh));
      return fresh;
    } catch (AttemptFailedException e) {
      throw e;
    } catch (Exception e) {
      if (call.mayBeAttemptedStill() && Failure.of(e) == Failure.TOOL) {
        refuse(call, number, handle.getConnection(), e);
      }
      throw e;
    }
  }

  /**
   * The client will be told that nothing was done, or what it is asked first. So an earlier
   * attempt, which the edge has given up on, may not do the call when it goes on: it finds this. It
   * is recorded before the call's lock is given back.
   *
   * @throws SQLException where it could not be, for a reason that another try or attempt may mend
   */
  private void refuse(Ledger.Call call, int number, Connection connection, Exception why)
      throws SQLException {
    try {
      ledger.refuse(connection, call, number);
    } catch (SQLException e) {
      SQLException failure = connection.isClosed() ? Tries.lost(e) : e;
      failure.addSuppressed(why);
      if (Failure.of(failure) != Failure.TOOL) {
        throw failure;
      }
      // The tool has ended its transaction, say, against its contract.
      LOG.warn("{}: that it was refused could not be recorded", call.tool().name(), failure);
    }
  }
}
