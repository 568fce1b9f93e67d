package com.mcpist.pair.backup;

import module java.base;

import com.mcpist.pair.backup.Backup.Done;
import com.mcpist.pair.backup.Backup.Observer;
import com.mcpist.pair.backup.BackupFile.Manifest;
import com.mcpist.pair.backup.BackupFile.TableEntry;
import com.mcpist.pair.backup.BackupTables.Table;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A backup that is put into a database without data, in one transaction, which keeps the backup's
 * id as an event: a second time changes nothing. Origins may be at work there.
 */
public record Restore(BackupFile file) implements AutoCloseable {
  /** What is no user's, and is there before: the backup's rows come in its place. */
  private static final Set<String> REPLACED = Set.of("plan", "mount");

  /** The same, but the backup's rows come beside it. */
  private static final Set<String> KEPT = Set.of("release", "event");

  private static final int BUFFER = 1 << 16;

  /** Opens a backup that is whole; a PairException where it is not. */
  public static Restore open(Path path, Observer observer) throws PairException {
    BackupFile file = BackupFile.open(path);
    try {
      observer.step("Checking " + path);
      for (TableEntry table : file.manifest().tables()) {
        Counting counting = new Counting(observer::detail);
        file.<Long, RuntimeException>read(
            table, rows -> counting.from(rows).transferTo(OutputStream.nullOutputStream()));
      }
      return new Restore(file);
    } catch (PairException e) {
      file.close();
      throw e;
    }
  }

  /** Whether an origin has made its tables there. */
  public static boolean hasTables(DatabaseUrl url) throws PairException {
    try (Connection connection = url.connect();
        Statement statement = connection.createStatement()) {
      return BackupTables.areThere(statement);
    } catch (SQLException e) {
      throw BackupTables.told("restored", e);
    }
  }

  /** Returns what was restored; a PairException where nothing was changed. */
  public Done into(DatabaseUrl url, Observer observer) throws PairException {
    observer.step("Connecting to " + url.shown());
    try (Connection connection = url.connectForLong()) {
      connection.setAutoCommit(false);
      restore(connection, observer);
      return Done.of(file.manifest());
    } catch (SQLException e) {
      throw BackupTables.told("restored", e);
    }
  }

  private void restore(Connection connection, Observer observer)
      throws SQLException, PairException {
    Manifest manifest = file.manifest();
    BackupTables database = BackupTables.begin(connection);
    // The session of a command that was killed may still be there for a moment.
    execute(connection, "select pg_advisory_xact_lock(hashtextextended('mcpist restore', 0))");
    if (exists(connection, "select from event where id = ?", manifest.id())) {
      observer.step("It is restored already");
      return;
    }
    checkFits(manifest, database);
    for (Table table : database.tables()) {
      if (!REPLACED.contains(table.name())
          && !KEPT.contains(table.name())
          && !isEmpty(connection, table)) {
        throw new PairException(
            "the database has data already, in %s: restore into an empty one, as a new pair has it"
                    .formatted(table.name())
                + " (`mcpist up --data NEW_FOLDER`)");
      }
    }
    for (String table : REPLACED) {
      execute(connection, "delete from " + BackupTables.quoted(table));
    }
    for (TableEntry table : manifest.tables()) {
      observer.step("Restoring " + table.name());
      restore(table, connection, observer);
    }
    execute(connection, "delete from alert"); // What happened to another pair is no news.
    observer.step("Committing");
    keep(manifest, connection);
    connection.commit();
  }

  private static void checkFits(Manifest manifest, BackupTables database) throws PairException {
    if (manifest.schema() > database.schema()) {
      throw new PairException(
          "the backup is of schema version %d, and the database of %d: bring its origins to the release that made the backup, or a newer one"
              .formatted(manifest.schema(), database.schema()));
    }
    Map<String, Table> there =
        database.tables().stream().collect(Collectors.toMap(Table::name, table -> table));
    for (TableEntry table : manifest.tables()) {
      Table found = there.get(table.name());
      if (found == null || !found.columns().containsAll(table.columns())) {
        throw new PairException(
            "the backup has %s, which the database lacks: restore it with the release and the modules that made it"
                .formatted(
                    found == null
                        ? "a table " + table.name()
                        : "columns of " + table.name() + " (" + table.columns() + ")"));
      }
    }
  }

  private void restore(TableEntry table, Connection connection, Observer observer)
      throws SQLException, PairException {
    String into = new Table(table.name(), table.columns(), table.sequences()).into();
    Counting counting = new Counting(observer::detail);
    long rows =
        file.<Long, SQLException>read(
            table, in -> BackupTables.copy(connection).copyIn(into, counting.from(in), BUFFER));
    if (rows != table.rows()) {
      throw new PairException(
          "%d rows of %s were restored, and the backup has %d"
              .formatted(rows, table.name(), table.rows()));
    }
    for (Map.Entry<String, Long> sequence : table.sequences().entrySet()) {
      goOn(table.name(), sequence.getKey(), sequence.getValue(), connection);
    }
    // No plan has to be made without statistics until autovacuum comes by.
    execute(connection, "analyze " + BackupTables.quoted(table.name()));
  }

  private static void goOn(String table, String column, long after, Connection connection)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select setval(sequence, greatest(?, pg_sequence_last_value(sequence)))
            from (select pg_get_serial_sequence(?, ?)::regclass as sequence) as of_column
            """)) {
      statement.setLong(1, after);
      statement.setString(2, BackupTables.quoted(table));
      statement.setString(3, column);
      statement.execute();
    }
  }

  private static void keep(Manifest manifest, Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into event (id, kind, message, at) values (?, 'restore', ?, now())")) {
      statement.setObject(1, manifest.id());
      statement.setString(2, "The backup of " + manifest.time() + " was restored.");
      statement.execute();
    }
  }

  private static boolean isEmpty(Connection connection, Table table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select from " + BackupTables.quoted(table.name()) + " limit 1")) {
      return !row.next();
    }
  }

  private static boolean exists(Connection connection, String query, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setObject(1, id);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
