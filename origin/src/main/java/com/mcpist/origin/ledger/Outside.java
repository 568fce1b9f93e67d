package com.mcpist.origin.ledger;

import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.db.Background;
import com.mcpist.origin.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls that act outside: the claim is committed before they act, the result after. The claims that
 * this process is at are renewed while it lives, so that another origin can tell a claim that will
 * be finished from one that will not.
 */
final class Outside implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Outside.class);
  private static final int RENEWALS = 4;

  static final String UNKNOWN =
      "The outcome of this call is unknown: the server that ran it stopped, or the service it"
          + " called failed or took too long, before there was a result. Nothing was run again."
          + " Find out at that service whether it was done before you call again.";

  private final Database database;
  private final Ledger ledger;
  private final Ledger.Config config;
  private final Set<UUID> held = ConcurrentHashMap.newKeySet();
  private final Background renewal;

  Outside(Database database, Ledger ledger, Ledger.Config config) {
    this.database = database;
    this.ledger = ledger;
    this.config = config;
    this.renewal = new Background("claims", config.lease().dividedBy(RENEWALS), this::renew);
  }

  ToolResult run(Ledger.LedgerCall call) throws Exception {
    UUID claim = UUID.randomUUID();
    Optional<ToolResult> settled = claim(call, claim);
    if (settled.isPresent()) {
      return settled.get();
    }
    held.add(claim);
    try {
      return settle(call, act(call, claim));
    } finally {
      held.remove(claim);
    }
  }

  /** Empty when this attempt has the claim and must act. */
  private Optional<ToolResult> claim(Ledger.LedgerCall call, UUID claim) throws Exception {
    boolean again = call.tool().effect() == Effect.ACTS_OUTSIDE_IDEMPOTENTLY;
    Tries.Patience patience = new Tries.Patience(call.invocation(), config.busyWait());
    while (true) {
      Ledger.Entry entry;
      try {
        entry = commit(call, c -> claim(c, call, claim, again));
      } catch (ConnectionException e) {
        throw Failure.noConnection(e) ? AttemptFailedException.busy(e) : e;
      }
      call.invocation().started();
      Optional<ToolResult> result = entry.resultOf(call);
      switch (entry.state()) {
        case ENTERED -> {
          return Optional.empty();
        }
        case FOUND, OLD -> {
          return result;
        }
        case AGAIN -> {
          return Optional.of(run(call.again(entry)));
        }
        case UNKNOWN -> {
          return Optional.of(ToolResult.error(UNKNOWN));
        }
        case BUSY -> patience.pause();
      }
    }
  }

  void undelivered(Ledger.LedgerCall call) throws Exception {
    try {
      commit(
          call,
          c -> {
            ledger.undelivered(c, call);
            return true;
          });
    } catch (ConnectionException e) {
      throw Failure.noConnection(e) ? AttemptFailedException.busy(e) : e;
    }
  }

  private Ledger.Entry claim(
      Connection connection, Ledger.LedgerCall call, UUID claim, boolean again)
      throws SQLException {
    try {
      return ledger.claim(connection, call, claim, again);
    } catch (SQLException e) {
      if (call.mayBeAttemptedStill() && Failure.StorageLimit.refusal(e).isPresent()) {
        // An earlier attempt that goes on later may not act: the client is told that nothing was.
        ledger.refuseClaim(connection, call, claim, true);
      }
      throw e;
    }
  }

  private ToolResult act(Ledger.LedgerCall call, UUID claim) throws Exception {
    try {
      return call.tool()
          .handler()
          .run(new ToolCall(call.invocation(), call.attempt(), Outside::noTransaction));
    } catch (InputRequired e) {
      commit(call, c -> giveUp(c, call, claim));
      throw e;
    } catch (ToolException e) {
      if (e.mayRunAgain()) {
        commit(call, c -> giveUp(c, call, claim));
        throw e;
      }
      return ToolResult.error(String.valueOf(e.getMessage()));
    } catch (Exception e) {
      if (call.tool().effect() == Effect.ACTS_OUTSIDE_IDEMPOTENTLY) {
        if (call.mayBeAttemptedStill() && Failure.of(e) == Failure.TOOL) {
          commit(call, c -> giveUp(c, call, claim));
        }
        throw e;
      }
      LOG.error("{} failed while it acted outside", call.tool().name(), e);
      return ToolResult.error(UNKNOWN);
    }
  }

  /** A later attempt may claim it anew, an earlier one only where the client is told nothing. */
  private boolean giveUp(Connection connection, Ledger.LedgerCall call, UUID claim)
      throws SQLException {
    if (call.mayBeAttemptedStill()) {
      ledger.refuseClaim(connection, call, claim, false);
    } else {
      ledger.giveUp(connection, call.key().user(), claim);
    }
    return true;
  }

  private ToolResult settle(Ledger.LedgerCall call, ToolResult result) {
    String json;
    try {
      json = StoredResult.write(result);
    } catch (ToolException e) {
      return settle(call, ToolResult.error("It was done. " + e.getMessage()));
    }
    try {
      String counts = commit(call, c -> ledger.settle(c, call, json));
      return counts.equals(json) ? result : StoredResult.read(counts);
    } catch (Exception e) {
      // It was done, and this is the result; that it is not recorded matters only to a later
      // attempt.
      LOG.warn(
          "{}: the result could not be recorded: {}", call.tool().name(), Database.firstLine(e));
      return result;
    }
  }

  private static Handle noTransaction() {
    throw new IllegalStateException("A tool that acts outside has no transaction");
  }

  private void renew() throws SQLException {
    Set<UUID> now = Set.copyOf(held);
    if (!now.isEmpty()) {
      try (Handle handle = database.open()) {
        ledger.renew(handle.getConnection(), now);
      }
    }
  }

  @Override
  public void close() {
    renewal.close();
  }

  /** A statement that commits itself. */
  @FunctionalInterface
  private interface Statement<T> {
    T run(Connection connection) throws SQLException;
  }

  private <T> T commit(Ledger.LedgerCall call, Statement<T> statement) throws Exception {
    return Tries.of(
        call.tool().name(),
        new Tries.Patience(call.invocation(), config.busyWait()),
        number -> {
          Handle handle = number == 1 ? database.open() : database.openFresh();
          T value;
          try {
            value = statement.run(handle.getConnection());
          } catch (Throwable e) {
            Tries.undo(database, handle);
            throw e;
          }
          handle.close();
          return value;
        });
  }
}
