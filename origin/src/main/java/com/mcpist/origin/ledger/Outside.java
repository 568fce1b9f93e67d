package com.mcpist.origin.ledger;

import com.mcpist.origin.db.Database;
import com.mcpist.origin.module.Effect;
import com.mcpist.origin.module.InputRequired;
import com.mcpist.origin.module.Invocation;
import com.mcpist.origin.module.Tool;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls that act outside: the claim is committed before they act, the result after. */
final class Outside {
  private static final Logger LOG = LoggerFactory.getLogger(Outside.class);
  private static final String UNKNOWN =
      "The outcome of this call is unknown: the server that ran it stopped, or the service it"
          + " called failed, before there was a result. Nothing was run again. Find out at that"
          + " service whether it was done before you call again.";

  private final Database database;
  private final Ledger ledger;
  private final LedgerConfig config;
  private final Leases leases;

  Outside(Database database, Ledger ledger, LedgerConfig config, Leases leases) {
    this.database = database;
    this.ledger = ledger;
    this.config = config;
    this.leases = leases;
  }

  ToolResult run(Tool tool, Invocation invocation, LedgerCall call) throws Exception {
    UUID claim = UUID.randomUUID();
    Optional<ToolResult> settled = claim(tool, invocation, call, claim);
    if (settled.isPresent()) {
      return settled.get();
    }
    leases.hold(claim);
    try {
      return settle(call, act(tool, invocation, call, claim));
    } finally {
      leases.release(claim);
    }
  }

  /** Empty when this attempt has the claim and must act. */
  private Optional<ToolResult> claim(Tool tool, Invocation invocation, LedgerCall call, UUID claim)
      throws Exception {
    boolean again = tool.effect() == Effect.ACTS_OUTSIDE_IDEMPOTENTLY;
    Patience patience = new Patience(invocation, config.busyWait());
    while (true) {
      Entry entry = commit(tool.name(), h -> claim(h.getConnection(), call, claim, again));
      Optional<ToolResult> result = entry.resultOf(call);
      switch (entry.state()) {
        case ENTERED -> {
          return Optional.empty();
        }
        case FOUND -> {
          return result;
        }
        case UNKNOWN -> {
          return Optional.of(ToolResult.error(UNKNOWN));
        }
        case BUSY -> patience.pause();
      }
    }
  }

  private Entry claim(Connection connection, LedgerCall call, UUID claim, boolean again)
      throws SQLException {
    try {
      return ledger.claim(connection, call, claim, again);
    } catch (SQLException e) {
      if (call.mayBeAttemptedStill() && StorageLimit.refusal(e).isPresent()) {
        // An earlier attempt that goes on later may not act: the client is told that nothing was.
        ledger.refuseClaim(connection, call, claim, true);
      }
      throw e;
    }
  }

  private ToolResult act(Tool tool, Invocation invocation, LedgerCall call, UUID claim)
      throws Exception {
    try {
      return tool.handler().run(new OutsideCall(invocation));
    } catch (InputRequired e) {
      commit(tool.name(), h -> giveUp(h.getConnection(), call, claim));
      throw e;
    } catch (ToolException e) {
      return ToolResult.error(String.valueOf(e.getMessage()));
    } catch (Exception e) {
      if (tool.effect() == Effect.ACTS_OUTSIDE_IDEMPOTENTLY) {
        if (call.mayBeAttemptedStill() && Failure.of(e) == Failure.TOOL) {
          commit(tool.name(), h -> giveUp(h.getConnection(), call, claim));
        }
        throw e;
      }
      LOG.error("{} failed while it acted outside", tool.name(), e);
      return ToolResult.error(UNKNOWN);
    }
  }

  /**
   * A later attempt may claim it anew, and an earlier one only where the client is told nothing.
   */
  private boolean giveUp(Connection connection, LedgerCall call, UUID claim) throws SQLException {
    if (call.mayBeAttemptedStill()) {
      ledger.refuseClaim(connection, call, claim, false);
    } else {
      ledger.giveUp(connection, call.key().user(), claim);
    }
    return true;
  }

  private ToolResult settle(LedgerCall call, ToolResult result) {
    String json;
    try {
      json = StoredResult.write(result);
    } catch (ToolException e) {
      return settle(call, ToolResult.error("It was done. " + e.getMessage()));
    }
    try {
      String counts = commit(call.tool(), h -> ledger.settle(h.getConnection(), call, json));
      return counts.equals(json) ? result : StoredResult.read(counts);
    } catch (Exception e) {
      // It was done, and this is the result; that it is not recorded matters only to a later
      // attempt.
      LOG.warn("{}: the result could not be recorded: {}", call.tool(), Tries.firstLine(e));
      return result;
    }
  }

  /** A statement that commits itself. */
  @FunctionalInterface
  private interface Statement<T> {
    T run(Handle handle) throws SQLException;
  }

  private <T> T commit(String what, Statement<T> statement) throws Exception {
    return Tries.of(
        what,
        number -> {
          Handle handle = number == 1 ? database.open() : database.openFresh();
          T value;
          try {
            value = statement.run(handle);
          } catch (Throwable e) {
            Transactions.undo(database, handle);
            throw e;
          }
          handle.close();
          return value;
        });
  }
}
