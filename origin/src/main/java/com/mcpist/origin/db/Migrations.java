package com.mcpist.origin.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * Brings the schema to where this release needs it. What each change must keep to is in
 * docs/design/database.md.
 */
final class Migrations {
  private static final int CONNECT_SECONDS = 2;
  private static final int ANSWER_SECONDS = 60;

  private final DatabaseUrl url;
  private final MigrationFiles files;

  Migrations(DatabaseUrl url, MigrationFiles files) {
    this.url = url;
    this.files = files;
  }

  /**
   * Migrates where there is something to do. Safe while other origins do the same.
   *
   * @param connection of the same URL, with autocommit on
   * @return the schema's version
   * @throws UnusableDatabaseException.IncompatibleSchema when this release cannot work with the
   *     schema
   * @throws SQLException when the database is away: try again
   * @throws FlywayException also when another has the lock: try again
   */
  int run(Connection connection) throws SQLException, UnusableDatabaseException.IncompatibleSchema {
    MigrationFiles.State found = MigrationFiles.State.read(connection);
    if (!files.missing(found).isEmpty()) {
      // Flyway is loaded only then: most starts find the schema as it should be.
      flyway(found.placeholders()).migrate();
      found = MigrationFiles.State.read(connection);
      List<String> missing = files.missing(found);
      if (!missing.isEmpty()) {
        throw UnusableDatabaseException.IncompatibleSchema.notApplied(found, missing.getFirst());
      }
    }
    return found.version();
  }

  /**
   * Looks whether there is anything to do, for who may not do it.
   *
   * @return the schema's version
   * @throws UnusableDatabaseException.IncompatibleSchema when this release cannot work with the
   *     schema
   * @throws SQLException when there is, or the database is away: try again
   */
  int look(Connection connection)
      throws SQLException, UnusableDatabaseException.IncompatibleSchema {
    MigrationFiles.State found = MigrationFiles.State.read(connection);
    List<String> missing = files.missing(found);
    if (!missing.isEmpty()) {
      throw new SQLException(
          "The database's schema is version %d and has not had %s, which this release needs, and DATABASE_URL's role may not change it: set MIGRATION_DATABASE_URL to the owner's address, and DATABASE_URL to the same with another user, as mcpist"
              .formatted(found.version(), String.join(", ", missing)));
    }
    return found.version();
  }

  Connection connect() throws SQLException {
    return Database.connect(url, CONNECT_SECONDS, ANSWER_SECONDS);
  }

  private Flyway flyway(Map<String, String> placeholders) {
    FluentConfiguration configuration =
        Flyway.configure(files.loader())
            .dataSource(
                url.jdbc(
                    Map.of(
                        "ApplicationName", "mcpist-migrations",
                        "connectTimeout", Integer.toString(CONNECT_SECONDS),
                        "socketTimeout", Integer.toString(ANSWER_SECONDS))),
                url.user(),
                url.password())
            .locations(files.location())
            .placeholders(placeholders)
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
