package com.mcpist.origin.auth;

import com.mcpist.origin.db.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API keys in the database.
 *
 * @param ready whether the schema is there
 */
record KeyTable(Database database, BooleanSupplier ready) implements KeySource {
  private static final Logger LOG = LoggerFactory.getLogger(KeyTable.class);
  private static final int STATEMENT_SECONDS = 1;

  /** A transaction of one round trip, which sees the row of this digest and no other. */
  private static final String LOOK_UP =
      """
      select set_config('mcpist.key_digest', ?, true);
      select user_id from api_key
      where digest = decode(?, 'hex') and revoked_at is null
        and (expires_at is null or expires_at > clock_timestamp());
      commit\
      """;

  /** A pooled connection may have been lost unseen. */
  @Override
  public Optional<String> user(String digest) throws SQLException {
    if (!ready.getAsBoolean()) {
      throw new SQLException("the database is away, or its schema is not there yet");
    }
    try (Handle handle = database.open()) {
      return read(handle, digest);
    } catch (SQLException | JdbiException e) {
      LOG.debug("Looking an API key up again", e);
    }
    try (Handle handle = database.openFresh()) {
      return read(handle, digest);
    } catch (ConnectionException e) {
      throw new SQLException("the pool has no connection free", e);
    }
  }

  private static Optional<String> read(Handle handle, String digest) throws SQLException {
    try (PreparedStatement s = handle.getConnection().prepareStatement(LOOK_UP)) {
      s.setQueryTimeout(STATEMENT_SECONDS);
      s.setString(1, digest);
      s.setString(2, digest);
      s.execute();
      s.getMoreResults();
      try (ResultSet row = s.getResultSet()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }
}
