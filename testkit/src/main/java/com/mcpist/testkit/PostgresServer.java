package com.mcpist.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL 17 server that a test can take away and bring back: the port and what was committed
 * stay the same. For a database of one's own on a server that always runs, {@link TestDatabase} is
 * quicker. Stops at the latest when the JVM exits, and deletes its files.
 */
public final class PostgresServer implements AutoCloseable {

  /** The superuser; it has no password, the server listens on loopback only. */
  public static final String USER = "postgres";

  /** As who origins log in; it has no password either. */
  public static final String ORIGIN_USER = "mcpist";

  // initdb and a first start take 2 s alone; on a machine that is busy with other builds ten times
  // that.
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  private final Path directory;
  private final int port;
  private final Map<String, String> settings;
  private @Nullable EmbeddedPostgres running;

  private PostgresServer(Path directory, int port, Map<String, String> settings) {
    this.directory = directory;
    this.port = port;
    this.settings = settings;
  }

  /**
   * A server that keeps what it has acknowledged through {@link #stop()}, with settings as
   * PostgreSQL has them.
   */
  public static PostgresServer start() {
    return start(Map.of());
  }

  /**
   * A server with settings of its own, which may undo the durable ones.
   *
   * @param settings lines of postgresql.conf, as {@code max_connections}
   * @throws UncheckedIOException when it does not start
   */
  public static PostgresServer start(Map<String, String> settings) {
    try {
      Path directory = Files.createTempDirectory("mcpist-test-postgres");
      PostgresServer server = new PostgresServer(directory, Ports.free(), Map.copyOf(settings));
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      server.resume();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /**
   * The superuser's address of the database {@code postgres}: what the programs take in
   * MIGRATION_DATABASE_URL.
   */
  public String url() {
    return url("postgres");
  }

  /**
   * The same of the role that origins run as, for DATABASE_URL. The first origin makes the role.
   */
  public String originUrl() {
    return originUrl("postgres");
  }

  String url(String database) {
    return url(USER, database);
  }

  String originUrl(String database) {
    return url(ORIGIN_USER, database);
  }

  private String url(String user, String database) {
    return "postgres://" + user + "@127.0.0.1:" + port + "/" + database;
  }

  /** Opens a connection for each call, of the database {@code postgres}. */
  public DataSource dataSource() {
    return dataSource("postgres");
  }

  DataSource dataSource(String database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {"127.0.0.1"});
    source.setPortNumbers(new int[] {port});
    source.setDatabaseName(database);
    source.setUser(USER);
    return source;
  }

  /** Ends every session and stops listening. Nothing happens when it is stopped already. */
  public synchronized void stop() {
    try {
      if (running != null) {
        running.close();
        running = null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * SIGKILL to the server, as a machine's memory killer sends it, and waits until its sessions have
   * noticed: they end by themselves. Nothing happens when it is stopped already.
   */
  public synchronized void kill() {
    EmbeddedPostgres server = running;
    if (server == null) {
      return;
    }
    List<ProcessHandle> all =
        Stream.concat(Stream.of(server.getProcess().toHandle()), server.getProcess().descendants())
            .toList();
    server.getProcess().destroyForcibly();
    Conditions.await(
        "the server's processes have ended", () -> all.stream().allMatch(PostgresServer::ended));
    stop();
  }

  // One that nobody has waited for yet has ended all the same.
  private static boolean ended(ProcessHandle process) {
    return !process.isAlive() || process.info().commandLine().isEmpty();
  }

  /** Starts again on the same port and data. Nothing happens when it runs already. */
  public synchronized void resume() {
    if (running != null) {
      return;
    }
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(directory.resolve("data"))
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPort(port)
            .setPGStartupWait(START_LIMIT)
            .setLocaleConfig("locale", "C.UTF-8")
            .setLocaleConfig("encoding", "UTF8")
            // An option of initdb's like the two above: one system call instead of a thousand.
            .setLocaleConfig("sync-method", LINUX ? "syncfs" : "fsync")
            .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
            .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on");
    settings.forEach(builder::setServerConfig);
    try {
      running = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    stop();
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
