package com.mcpist.origin.db;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * Brings the schema to where this release needs it. What each change must keep to is in
 * docs/design/database.md.
 */
final class Migrations {
  /** The newest migration in resources/db/migration. */
  static final int KNOWN = 10;

  private static final int CONNECT_SECONDS = 2;
  private static final int ANSWER_SECONDS = 60;

  private final DatabaseUrl url;

  Migrations(DatabaseUrl url) {
    this.url = url;
  }

  /**
   * Migrates where there is something to do. Safe while other origins do the same.
   *
   * @param connection of the same URL, with autocommit on
   * @return the schema's version
   * @throws IncompatibleSchemaException when this release cannot work with the schema
   * @throws SQLException when the database is away, or another has the lock: try again
   */
  int run(Connection connection) throws SQLException, IncompatibleSchemaException {
    SchemaVersion found = read(connection);
    if (!found.upToDateFor(KNOWN)) {
      // Flyway is loaded only then: most starts find the schema as it should be.
      flyway().migrate();
      found = read(connection);
    }
    return usable(found);
  }

  /**
   * Looks whether there is anything to do, for who may not do it.
   *
   * @return the schema's version
   * @throws IncompatibleSchemaException when this release cannot work with the schema
   * @throws SQLException when there is, or the database is away: try again
   */
  int look(Connection connection) throws SQLException, IncompatibleSchemaException {
    SchemaVersion found = read(connection);
    if (!found.upToDateFor(KNOWN)) {
      throw new SQLException(
          "The database's schema is version %d, this release needs %d, and DATABASE_URL's role may not change it: set MIGRATION_DATABASE_URL to the owner's address, and DATABASE_URL to the same with another user, as mcpist"
              .formatted(found.version(), KNOWN));
    }
    return usable(found);
  }

  private static int usable(SchemaVersion found) throws IncompatibleSchemaException {
    if (!found.usableBy(KNOWN)) {
      throw new IncompatibleSchemaException(found, KNOWN);
    }
    return found.version();
  }

  Connection connect() throws SQLException {
    return Database.connect(url, CONNECT_SECONDS, ANSWER_SECONDS);
  }

  private static SchemaVersion read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet table =
          statement.executeQuery("select to_regclass('schema_compatibility') is null")) {
        table.next();
        if (table.getBoolean(1)) {
          return SchemaVersion.NONE;
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "select coalesce(max(version), 0), coalesce(max(oldest_usable), 0)"
                  + " from schema_compatibility")) {
        row.next();
        return new SchemaVersion(row.getInt(1), row.getInt(2));
      }
    }
  }

  private Flyway flyway() {
    FluentConfiguration configuration =
        Flyway.configure(Migrations.class.getClassLoader())
            .dataSource(
                url.jdbc(
                    Map.of(
                        "ApplicationName", "mcpist-migrations",
                        "connectTimeout", Integer.toString(CONNECT_SECONDS),
                        "socketTimeout", Integer.toString(ANSWER_SECONDS))),
                url.user(),
                url.password())
            .locations("classpath:db/migration")
            .loggers("slf4j")
            .connectRetries(0)
            // The one who waits here waits whole seconds; the keeper asks again sooner.
            .lockRetryCount(0)
            // A database may have other tables, as Supabase's has.
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .cleanDisabled(true);
    PostgreSQLConfigurationExtension postgres =
        configuration.getConfigurationExtension(PostgreSQLConfigurationExtension.class);
    // A lock of a session would stay behind in a pooler.
    postgres.setTransactionalLock(true);
    return configuration.load();
  }
}
