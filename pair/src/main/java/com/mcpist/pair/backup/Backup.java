package com.mcpist.pair.backup;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.backup.BackupFile.Manifest;
import com.mcpist.pair.backup.BackupFile.TableEntry;
import com.mcpist.pair.backup.BackupTables.Table;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.WholeFile;
import com.mcpist.pair.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;

/** Writes what is in a database into a file, and puts it into an empty one. */
public final class Backup {
  private Backup() {}

  /** Told how it goes: by steps, and by what each is at. */
  public interface Observer {
    void step(String text);

    void detail(String text);
  }

  /** What was in it, as of one moment. */
  public record Done(Instant time, long rows, long bytes) {
    public String told() {
      return Counting.told(rows, bytes) + ", as of " + time.truncatedTo(ChronoUnit.SECONDS);
    }

    static Done of(Manifest manifest) {
      long bytes = manifest.tables().stream().mapToLong(TableEntry::bytes).sum();
      return new Done(manifest.time(), manifest.rows(), bytes);
    }
  }

  /** Writes one snapshot of the database, which is at work meanwhile; replaces the file. */
  public static Done write(DatabaseUrl url, Path file, Observer observer) throws PairException {
    try {
      return WholeFile.<Done, SQLException>write(
          file, out -> Done.of(write(url, new ZipOutputStream(out), observer)));
    } catch (SQLException e) {
      throw BackupTables.told("backed up", e);
    }
  }

  private static Manifest write(DatabaseUrl url, ZipOutputStream zip, Observer observer)
      throws SQLException, IOException, PairException {
    observer.step("Connecting to " + url.shown());
    try (Connection connection = url.connectForLong()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      // The pair serves meanwhile.
      zip.setLevel(Deflater.BEST_SPEED);
      BackupTables database = BackupTables.begin(connection);
      Instant time = now(connection);
      List<TableEntry> tables = new ArrayList<>();
      for (Table table : database.tables()) {
        observer.step("Backing up " + table.name());
        tables.add(write(table, connection, zip, observer));
      }
      Manifest manifest =
          new Manifest(
              BackupFile.FORMAT,
              UUID.randomUUID(),
              time,
              database.schema(),
              database.postgres(),
              tables);
      zip.putNextEntry(new ZipEntry(BackupFile.MANIFEST));
      zip.write(BackupFile.JSON.writeValueAsBytes(manifest));
      zip.finish();
      zip.flush();
      connection.rollback();
      return manifest;
    }
  }

  private static Instant now(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select statement_timestamp()")) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  private static TableEntry write(
      Table table, Connection connection, ZipOutputStream zip, Observer observer)
      throws SQLException, IOException {
    zip.putNextEntry(new ZipEntry(TableEntry.entry(table.name())));
    Counting counting = new Counting(observer::detail);
    MessageDigest digest = Secret.sha256();
    long rows =
        BackupTables.copy(connection)
            .copyOut(table.from(), counting.to(new DigestOutputStream(zip, digest)));
    zip.closeEntry();
    String sha256 = HexFormat.of().formatHex(digest.digest());
    return new TableEntry(
        table.name(), table.columns(), table.sequences(), rows, counting.bytes(), sha256);
  }
}
