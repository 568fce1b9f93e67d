package com.mcpist.origin.ledger;

import com.mcpist.origin.module.Attempt;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's statements. Each method is one round trip: BEGIN travels with the first statement of
 * a transaction, and COMMIT with the last. The functions are in R__ledger.sql and R__storage.sql.
 */
final class Ledger {
  /** What can be undone without the lock, or the claim, that the transaction has taken before. */
  private static final String SAVEPOINT = "; savepoint mcpist_work";

  private static final String UNDO = "rollback to savepoint mcpist_work; ";

  /** All but whether it was refused. */
  private static final String FINISH = "select ledger_finish(?,?,?,?,?,?,?,?,?,?,?,";

  private final LedgerConfig config;

  /** How a transaction ends that stores something; where it is too much, by MC003. */
  private final String commit;

  Ledger(LedgerConfig config) {
    this.config = config;
    this.commit = config.storageLimited() ? "; select stored_check(); commit" : "; commit";
  }

  /**
   * Begins the transaction of a call that writes.
   *
   * @param tryNumber counts this attempt's transactions, so that it can fence off its own last one
   */
  Entry enter(Connection connection, LedgerCall call, int tryNumber) throws SQLException {
    String enter = "select * from ledger_enter(?,?,?,?,?,?,?,?,?,?)";
    try (PreparedStatement s =
        connection.prepareStatement(call.mayBeAttemptedStill() ? enter + SAVEPOINT : enter)) {
      int i = bindKey(s, call.key());
      s.setInt(++i, call.attempt().number());
      s.setInt(++i, tryNumber);
      bindInstant(s, ++i, call.attempt().deadline());
      s.setInt(++i, millis(config.lockWait()));
      s.setInt(++i, millis(config.statementTime()));
      s.setInt(++i, millis(config.idleTime()));
      return entry(s);
    }
  }

  /**
   * Records the call's result and commits.
   *
   * @throws SQLException also where the user may not store as much: {@link StorageLimit}
   */
  void finish(Connection connection, LedgerCall call, int tryNumber, String result)
      throws SQLException {
    record(FINISH + "false)" + commit, connection, call, tryNumber, result);
  }

  /**
   * Undoes what an attempt that has entered did, records for earlier ones that it was refused,
   * however much is stored, and commits. For calls that {@linkplain LedgerCall#mayBeAttemptedStill
   * may be attempted still}.
   */
  void refuse(Connection connection, LedgerCall call, int tryNumber) throws SQLException {
    record(UNDO + FINISH + "true); commit", connection, call, tryNumber, StoredResult.REFUSED);
  }

  private void record(
      String sql, Connection connection, LedgerCall call, int tryNumber, String result)
      throws SQLException {
    try (PreparedStatement s = connection.prepareStatement(sql)) {
      int i = bindKey(s, call.key());
      s.setInt(++i, call.attempt().number());
      s.setInt(++i, tryNumber);
      bindInstant(s, ++i, call.attempt().deadline());
      s.setString(++i, call.tool());
      s.setString(++i, call.hash());
      s.setString(++i, config.instance());
      s.setString(++i, result);
      s.execute();
    }
  }

  /**
   * Claims a call that acts outside, and commits.
   *
   * @param again whether a claim that another attempt left behind may be taken over
   * @throws SQLException also where the user may store nothing more: {@link StorageLimit}
   */
  Entry claim(Connection connection, LedgerCall call, UUID claim, boolean again)
      throws SQLException {
    String claiming = "select * from ledger_claim(?,?,?,?,?,?,?,?,?,?,?,?,?)";
    String sql = call.mayBeAttemptedStill() ? claiming + SAVEPOINT : claiming;
    try (PreparedStatement s = connection.prepareStatement(sql + commit)) {
      int i = bindKey(s, call.key());
      s.setInt(++i, call.attempt().number());
      bindInstant(s, ++i, call.attempt().deadline());
      s.setString(++i, call.tool());
      s.setString(++i, call.hash());
      s.setString(++i, config.instance());
      s.setObject(++i, claim);
      s.setInt(++i, millis(config.lease()));
      s.setInt(++i, millis(config.lockWait()));
      s.setBoolean(++i, again);
      return entry(s);
    }
  }

  /**
   * Finishes a claim, and commits.
   *
   * @return the result that counts: the one that was recorded first
   */
  String settle(Connection connection, LedgerCall call, String result) throws SQLException {
    try (PreparedStatement s =
        connection.prepareStatement("select ledger_settle(?,?,?,?,?,?); commit")) {
      bindResult(s, call, result);
      s.execute();
      try (ResultSet row = s.getResultSet()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  /**
   * Records for earlier attempts that a claim was refused, which has done nothing, and commits. For
   * calls that {@linkplain LedgerCall#mayBeAttemptedStill may be attempted still}.
   *
   * @param uncommitted whether it is the refused end of the transaction that made the claim
   */
  void refuseClaim(Connection connection, LedgerCall call, UUID claim, boolean uncommitted)
      throws SQLException {
    String refuse = "select ledger_refuse_claim(?,?,?,?,?,?,?); commit";
    try (PreparedStatement s = connection.prepareStatement(uncommitted ? UNDO + refuse : refuse)) {
      int last = bindResult(s, call, StoredResult.REFUSED);
      s.setObject(last + 1, claim);
      s.execute();
    }
  }

  /** Gives up a claim of this user's whose call has done nothing, and commits. */
  void giveUp(Connection connection, String user, UUID claim) throws SQLException {
    try (PreparedStatement s =
        connection.prepareStatement(
            "select set_config('mcpist.user_id', ?, true);"
                + " delete from tool_call where claim = ?; commit")) {
      s.setString(1, user);
      s.setObject(2, claim);
      s.execute();
    }
  }

  /** Says that the processes of these claims live, and commits. */
  void renew(Connection connection, Set<UUID> claims) throws SQLException {
    try (PreparedStatement s = connection.prepareStatement("select ledger_renew(?,?); commit")) {
      s.setArray(1, connection.createArrayOf("uuid", claims.toArray()));
      s.setInt(2, millis(config.lease()));
      s.execute();
    }
  }

  /**
   * Deletes calls that have expired, and commits. Passes over what another origin is deleting.
   *
   * @param most how many at most
   * @return how many
   */
  int clean(Connection connection, int most) throws SQLException {
    try (PreparedStatement s = connection.prepareStatement("select ledger_clean(?); commit")) {
      s.setInt(1, most);
      s.execute();
      try (ResultSet row = s.getResultSet()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  private static int bindKey(PreparedStatement s, Attempt.Key key) throws SQLException {
    s.setString(1, key.user());
    s.setBoolean(2, key.fromClient());
    s.setString(3, key.id());
    s.setInt(4, key.index());
    return 4;
  }

  private static int bindResult(PreparedStatement s, LedgerCall call, String result)
      throws SQLException {
    int i = bindKey(s, call.key());
    bindInstant(s, ++i, call.attempt().deadline());
    s.setString(++i, result);
    return i;
  }

  private static void bindInstant(PreparedStatement s, int i, @Nullable Instant instant)
      throws SQLException {
    if (instant == null) {
      s.setNull(i, Types.TIMESTAMP_WITH_TIMEZONE);
    } else {
      s.setObject(i, instant.atOffset(ZoneOffset.UTC));
    }
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  private static Entry entry(PreparedStatement statement) throws SQLException {
    statement.execute();
    try (ResultSet row = statement.getResultSet()) {
      row.next();
      return new Entry(
          Entry.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
          row.getString("stored_tool"),
          row.getString("stored_hash"),
          row.getString("stored_result"));
    }
  }
}
