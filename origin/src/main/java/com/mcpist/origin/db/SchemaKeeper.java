package com.mcpist.origin.db;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.crypto.SecretKey;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Migrates in the background, and reads what all origins share, again and again until it is done.
 */
public final class SchemaKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaKeeper.class);
  private static final Duration FIRST_WAIT = Duration.ofMillis(50);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

  private final Migrations migrations;
  private final Consumer<IncompatibleSchemaException> incompatible;
  private final Thread thread;
  private volatile @Nullable Ready ready;

  /** Both at once: an origin that has its schema has its key. */
  private record Ready(int version, SecretKey stateKey) {}

  private SchemaKeeper(DatabaseUrl url, Consumer<IncompatibleSchemaException> incompatible) {
    this.migrations = new Migrations(url);
    this.incompatible = incompatible;
    this.thread = Thread.ofVirtual().name("schema").unstarted(this::keepTrying);
  }

  /**
   * Starts, and returns at once.
   *
   * @param url a direct connection
   * @param incompatible told once when this release cannot work with the schema
   */
  public static SchemaKeeper start(
      DatabaseUrl url, Consumer<IncompatibleSchemaException> incompatible) {
    SchemaKeeper keeper = new SchemaKeeper(url, incompatible);
    keeper.thread.start();
    return keeper;
  }

  /** The schema's version, empty until it is what this release needs. */
  public OptionalInt version() {
    Ready now = ready;
    return now == null ? OptionalInt.empty() : OptionalInt.of(now.version());
  }

  /**
   * The key with which all origins of this database seal request states, for HMAC-SHA256; empty as
   * long as {@link #version} is.
   */
  public Optional<SecretKey> stateKey() {
    return Optional.ofNullable(ready).map(Ready::stateKey);
  }

  private void keepTrying() {
    String lastFailure = "";
    Duration wait = FIRST_WAIT;
    while (!Thread.currentThread().isInterrupted()) {
      try {
        int version = migrations.run();
        ready = new Ready(version, migrations.stateKey());
        LOG.info("The database's schema is version {}", version);
        return;
      } catch (IncompatibleSchemaException e) {
        incompatible.accept(e);
        return;
      } catch (SQLException | FlywayException e) {
        lastFailure = tell(e, lastFailure);
        pause(wait);
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      }
    }
  }

  /** Says each failure once, however often it comes in a row. */
  private static String tell(Exception failure, String last) {
    String what = rootCause(failure);
    if (!what.equals(last)) {
      if (what.contains("advisory lock")) {
        LOG.info("Another origin is at the database's schema");
      } else {
        LOG.warn("The database's schema could not be checked, trying again: {}", what);
      }
    }
    return what;
  }

  private static String rootCause(Throwable failure) {
    @Nullable Throwable cause = failure.getCause();
    return cause == null
        ? String.valueOf(failure.getMessage()).lines().findFirst().orElse("")
        : rootCause(cause);
  }

  /** A random part keeps two origins from asking for the lock in step. */
  private static void pause(Duration wait) {
    try {
      long millis = wait.toMillis();
      TimeUnit.MILLISECONDS.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
