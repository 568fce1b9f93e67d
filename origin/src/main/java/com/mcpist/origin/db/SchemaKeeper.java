package com.mcpist.origin.db;

import com.mcpist.database.Channel;
import com.mcpist.database.DatabaseUrl;
import com.mcpist.database.UntrustedServerException;
import com.mcpist.module.Module;
import com.mcpist.origin.db.Database.LoginGate;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Migrates in the background, makes the role that calls run as and looks what it may, and reads
 * what all origins share, again and again until it is done.
 */
public final class SchemaKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaKeeper.class);

  /** Up to twice as long, by chance. */
  private static final Duration FIRST_WAIT = Duration.ofMillis(25);

  private static final Duration LONGEST_WAIT = Duration.ofMillis(250);
  private static final int STATE_KEY_BYTES = 32;

  /** lock_not_available, query_canceled. */
  private static final Set<String> YIELDED = Set.of("55P03", "57014");

  private final Database.Config config;

  /** The origin's own first. */
  private final List<Migrations> migrations;

  private final LoginGate gate;
  private final Consumer<UnusableDatabaseException> unusable;
  private final Thread thread;
  private volatile @Nullable Ready ready;
  private volatile Map<String, Channel> channels = Map.of();

  /** Both at once: an origin that has its schema has its key. */
  private record Ready(int version, SecretKey stateKey, List<String> problems) {}

  SchemaKeeper(
      Database.Config config,
      List<Migrations> migrations,
      LoginGate gate,
      Consumer<UnusableDatabaseException> unusable) {
    this.config = config;
    this.migrations = migrations;
    this.gate = gate;
    this.unusable = unusable;
    this.thread = Thread.ofVirtual().name("schema").start(this::keepTrying);
  }

  /** With the origin's own tables alone. */
  public static SchemaKeeper start(
      Database.Config config, LoginGate gate, Consumer<UnusableDatabaseException> unusable) {
    return start(config, List.of(), gate, unusable);
  }

  /**
   * Returns at once. The gate is opened when the role that calls run as is there, and may what it
   * should; unusable is told once when this release must not work with the schema, or as that role.
   * Throws IllegalStateException where a module's migrations are not as they must be.
   */
  public static SchemaKeeper start(
      Database.Config config,
      List<Module> modules,
      LoginGate gate,
      Consumer<UnusableDatabaseException> unusable) {
    List<Migrations> migrations = new ArrayList<>();
    migrations.add(Migrations.of(SchemaKeeper.class.getClassLoader()));
    migrations.addAll(Migrations.of(modules));
    return new SchemaKeeper(config, migrations, gate, unusable);
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

  /** What this process has migrated. */
  public List<Migrated> migrated() {
    return migrations.stream().flatMap(files -> files.done().stream()).toList();
  }

  /**
   * What the connections of DATABASE_URL and MIGRATION_DATABASE_URL are, by these names; without
   * one that was not looked at yet, or could not be.
   */
  public Map<String, Channel> channels() {
    return channels;
  }

  /** What is wrong with the database and does not keep this origin from working. */
  public List<String> problems() {
    Ready now = ready;
    return now == null ? List.of() : now.problems();
  }

  private void keepTrying() {
    String lastFailure = "";
    Duration wait = FIRST_WAIT;
    int refusals = 0;
    int yields = 0;
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Ready now = config.owner().isPresent() ? prepare(config.owner().get()) : look();
        ready = now;
        LOG.info("The database's schema is version {}", now.version());
        now.problems().forEach(LOG::warn);
        channels = Channels.ask(config);
        return;
      } catch (UnusableDatabaseException e) {
        unusable.accept(e);
        return;
      } catch (UntrustedServerException e) {
        unusable.accept(new UnusableDatabaseException.Untrusted(e));
        return;
      } catch (SQLException | FlywayException e) {
        lastFailure = tell(e, lastFailure);
        refusals = LoginGate.refused(e) ? refusals + 1 : 0;
        yields = gaveWay(e) ? yields + 1 : 0;
        pause(
            refusals > 0
                ? LoginGate.pause(refusals)
                : byChance(yields > 0 ? yielding(yields) : wait));
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      }
    }
  }

  /** Whether a migration did not get its lock, or its time, because of the calls. */
  private static boolean gaveWay(Exception failure) {
    return Database.sqlFailures(failure)
        .anyMatch(e -> YIELDED.contains(String.valueOf(e.getSQLState())));
  }

  /** How long calls are left alone after so many times in a row, at least one. */
  static Duration yielding(int times) {
    return Duration.ofSeconds(1L << Math.min(times - 1, 6));
  }

  private Ready prepare(DatabaseUrl ownerUrl) throws SQLException, UnusableDatabaseException {
    Connection connected;
    try {
      connected = Database.connect(ownerUrl, Migrations.CONNECT_SECONDS, Migrations.ANSWER_SECONDS);
    } catch (SQLException e) {
      return withoutOwner(e);
    }
    try (Connection owner = connected) {
      int version = each(files -> files.run(ownerUrl, owner));
      if (config.assumesRole()) {
        LoginRole.ensureAssumable(owner);
      } else {
        LoginRole.ensure(owner, config.url());
      }
      List<String> problems = LoginRole.check(config);
      gate.open();
      return new Ready(version, stateKey(owner), problems);
    }
  }

  /** With nothing to change, an origin starts whatever is wrong with the owner's login. */
  private Ready withoutOwner(SQLException failure) throws SQLException, UnusableDatabaseException {
    if (config.assumesRole()) {
      throw failure;
    }
    try {
      Ready now = look();
      LOG.warn(
          "MIGRATION_DATABASE_URL does not work ({}). This origin works without it, since the"
              + " schema is what it needs. Mend it before a release that changes the schema",
          rootCause(failure));
      return now;
    } catch (SQLException e) {
      failure.addSuppressed(e);
      throw failure;
    }
  }

  /** As the role that calls run as, which nobody here may help to more. */
  private Ready look() throws SQLException, UnusableDatabaseException {
    List<String> problems = LoginRole.check(config);
    gate.open();
    try (Connection connection =
        Database.connect(config.url(), Migrations.CONNECT_SECONDS, Migrations.ANSWER_SECONDS)) {
      int version = each(files -> files.look(connection));
      return new Ready(version, stateKey(connection), problems);
    }
  }

  private interface Step {
    int version(Migrations files) throws SQLException, UnusableDatabaseException;
  }

  /** The version of the origin's own tables, when the modules' are done too. */
  private int each(Step step) throws SQLException, UnusableDatabaseException {
    int own = step.version(migrations.getFirst());
    for (Migrations module : migrations.subList(1, migrations.size())) {
      LOG.info("The tables of the module {} are version {}", module.owner(), step.version(module));
    }
    return own;
  }

  /**
   * The key of request states, which the first origin that looks for it makes for all; the
   * connection has autocommit on.
   */
  private static SecretKey stateKey(Connection connection) throws SQLException {
    Optional<SecretKey> there = findStateKey(connection);
    if (there.isPresent()) {
      return there.get();
    }
    byte[] random = new byte[STATE_KEY_BYTES];
    new SecureRandom().nextBytes(random);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into request_state_key (key) values (?) on conflict do nothing")) {
      insert.setBytes(1, random);
      insert.executeUpdate();
    }
    // Another origin's, where that was quicker.
    return findStateKey(connection)
        .orElseThrow(() -> new SQLException("The key of request states is gone"));
  }

  private static Optional<SecretKey> findStateKey(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("select key from request_state_key");
        ResultSet row = select.executeQuery()) {
      return row.next()
          ? Optional.of(new SecretKeySpec(row.getBytes(1), "HmacSHA256"))
          : Optional.empty();
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
    return cause == null ? Database.firstLine(failure) : rootCause(cause);
  }

  /** A random part keeps two origins from asking for the lock in step. */
  private static Duration byChance(Duration wait) {
    return wait.plusMillis(ThreadLocalRandom.current().nextLong(wait.toMillis()));
  }

  private static void pause(Duration wait) {
    try {
      TimeUnit.MILLISECONDS.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
