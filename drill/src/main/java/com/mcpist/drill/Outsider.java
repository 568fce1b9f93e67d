package com.mcpist.drill;

import com.mcpist.drill.Signal.Breakage;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;

/** A session of somebody else on the pair's database, who has its owner's rights. */
final class Outsider implements AutoCloseable {
  private static final String OF_THE_ORIGINS =
      " from pg_stat_activity where datname = current_database() and usename <> current_user";
  private static final String READ_ONLY =
      "do $$ begin execute format('alter database %%I %s', current_database()); end $$";
  private static final long CANCEL_EVERY_NANOS = 100_000_000;

  private final Connection session;

  Outsider(DatabaseUrl database) throws PairException {
    try {
      session = database.connect();
    } catch (SQLException e) {
      throw unable(e);
    }
  }

  /** The database only reads, for every transaction that begins until this is closed. */
  Breakage readOnly() {
    return () -> {
      run(READ_ONLY.formatted("set default_transaction_read_only = on"));
      run("select pg_terminate_backend(pid)" + OF_THE_ORIGINS);
    };
  }

  /** Nobody else reads or writes a memory until this is closed. */
  Breakage lock() {
    return () -> run("begin; lock table memory in access exclusive mode");
  }

  /** Every statement of an origin that lasts is canceled, again and again until this is closed. */
  Breakage cancel() {
    return () -> {
      run("select pg_cancel_backend(pid)" + OF_THE_ORIGINS);
      Thread.ofVirtual().start(this::cancelOn);
    };
  }

  private void cancelOn() {
    try {
      while (!session.isClosed()) {
        LockSupport.parkNanos(CANCEL_EVERY_NANOS);
        run("select pg_cancel_backend(pid)" + OF_THE_ORIGINS);
      }
    } catch (PairException | SQLException _) {
      // It was closed in the middle.
    }
  }

  private void run(String sql) throws PairException {
    try (Statement statement = session.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw unable(e);
    }
  }

  private static PairException unable(SQLException e) {
    return new PairException("the pair's database cannot be broken: " + e.getMessage(), e);
  }

  @Override
  public void close() throws PairException {
    try (session) {
      run("rollback");
      run(READ_ONLY.formatted("reset default_transaction_read_only"));
    } catch (SQLException e) {
      throw unable(e);
    }
  }
}
