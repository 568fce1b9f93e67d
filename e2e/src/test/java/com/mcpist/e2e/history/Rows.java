package com.mcpist.e2e.history;

import com.mcpist.e2e.history.History.Effect;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What histories do to a world's database, and read in it, as its owner. */
final class Rows implements AutoCloseable {
  /** A save takes as long as its title says, as where the database is slow. */
  private static final String SLOW_SAVES =
      """
      create or replace function history_takes_time() returns trigger language plpgsql as $$
      begin
        perform pg_sleep(coalesce(substring(new.title from 'takes ([0-9]+) ms$')::float8, 0) / 1000);
        return new;
      end $$;
      create or replace trigger history_takes_time before insert on memory
        for each row execute function history_takes_time()
      """;

  private static final String DATABASE = "the database";

  /** A memory that is deleted stays in the history: once as it was, and once for each deletion. */
  private static final String EFFECTS =
      """
      select id, substring(title from '^History ([^ ]+) takes')
      from memory where user_id = any(?)
      union all
      select memory_id, substring(title from '^History ([^ ]+) takes')
      from memory_history where user_id = any(?) and deleted
      union all
      select memory_id, null from memory_history where user_id = any(?) and deleted
      """;

  private static final String WAITING =
      """
      select count(*) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()
      """;

  private final DataSource database;
  private @Nullable Connection locking;

  Rows(DataSource database) {
    this.database = database;
  }

  void letSavesTakeTime() throws SQLException {
    execute(SLOW_SAVES);
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Locks a user's memories until {@link #unlock}. */
  synchronized void lock(String user) throws SQLException {
    Connection connection = database.getConnection();
    locking = connection;
    connection.setAutoCommit(false);
    try (var select =
        connection.prepareStatement("select from memory where user_id = ? for update")) {
      select.setString(1, user);
      select.executeQuery().close();
    }
  }

  synchronized void unlock() {
    try (Connection connection = locking) {
      if (connection != null) {
        connection.rollback();
      }
      locking = null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many sessions wait for a lock. */
  int waiting() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(WAITING)) {
      row.next();
      return row.getInt(1);
    }
  }

  /**
   * What these users' calls have saved and deleted, each with the memory's id as its token.
   *
   * @param deletes the calls that delete a memory, by its id
   */
  List<Effect> effects(List<String> users, Map<String, Call> deletes) throws SQLException {
    List<Effect> effects = new ArrayList<>();
    try (Connection connection = database.getConnection();
        var select = connection.prepareStatement(EFFECTS)) {
      var names = connection.createArrayOf("text", users.toArray());
      select.setArray(1, names);
      select.setArray(2, names);
      select.setArray(3, names);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          String memory = row.getString(1);
          Call delete = deletes.get(memory);
          String saved = row.getString(2);
          String id = saved == null && delete != null ? delete.id() : String.valueOf(saved);
          effects.add(new Effect(id, DATABASE, memory, History.NEVER, History.NEVER, 0));
        }
      }
    }
    return effects;
  }

  @Override
  public void close() {
    unlock();
  }
}
