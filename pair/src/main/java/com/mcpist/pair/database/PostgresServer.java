package com.mcpist.pair.database;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.PairDatabase.Login;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;
import com.mcpist.pair.process.Orphans;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * PostgreSQL on a data folder, durable, on a Unix socket that only its user can reach. Its
 * passwords are new each time that a pair is started. Whoever calls this has the folder's lock: a
 * server that runs there is one that a killed supervisor has left.
 *
 * @param data the folder of the database
 * @param sockets the folder in which the server makes its socket
 * @param origins the number of origins that use the database
 */
public record PostgresServer(
    PostgresBinaries binaries, Path data, Path sockets, int origins, Login login)
    implements Program {
  static final int POOL_SIZE = 10;

  /** Connections for a person's psql, and what looks after the pair. */
  private static final int SPARE = 8;

  private static final String USER = "postgres";

  /** As who origins log in; the first one gives it its rights. */
  private static final String ORIGIN_USER = "mcpist";

  private static final String VERSION = "17";
  private static final String PID_FILE = "postmaster.pid";

  /** More than any system numbers them. */
  private static final String NO_PROCESS = "999999999";

  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(2);
  private static final int CONNECT_SECONDS = 2;

  /** Stops one that a killed supervisor left, creates the database, sets new passwords. */
  static PostgresServer prepare(
      PostgresBinaries binaries, DataFolder folder, Path sockets, int origins)
      throws PairException, InterruptedException {
    Path data = folder.postgres();
    try {
      checkVersion(data);
      clear(binaries, data);
      createWhereAbsent(binaries, folder);
      Login login = new Login(Secret.random(), Secret.random());
      setPasswords(binaries, data, login);
      return new PostgresServer(binaries, data, sockets, origins, login);
    } catch (IOException e) {
      throw new PairException(
          "the database in " + data + " cannot be made ready: " + e.getMessage(), e);
    }
  }

  /** Stops a server that a killed supervisor left, and tells whether there was one. */
  public static boolean stopLeftover(Path cache, DataFolder folder)
      throws PairException, IOException, InterruptedException {
    if (left(folder.postgres()).isEmpty()) {
      return false;
    }
    clear(PostgresBinaries.find(cache), folder.postgres());
    return true;
  }

  /** Stops a server that still runs there, and takes the number of none from its pid file. */
  private static void clear(PostgresBinaries binaries, Path data)
      throws IOException, InterruptedException {
    Optional<ProcessHandle> server = left(data);
    if (server.isPresent()) {
      PostgresBinaries.run(binaries.stop(data), "");
      if (!AdoptedProcess.ends(server.get(), STOP_LIMIT)) {
        // The write-ahead log makes up for it.
        server.get().destroyForcibly();
        var _ = AdoptedProcess.ends(server.get(), STOP_LIMIT);
      }
    }
    if (recorded(data).isPresent() && left(data).isEmpty()) {
      // Another process has got the old server's number, or nobody has waited for its end:
      // PostgreSQL would take that for the server. What else is in the file tells PostgreSQL
      // whether a session is still at work.
      List<String> lines = Files.readAllLines(data.resolve(PID_FILE));
      lines.set(0, NO_PROCESS);
      Files.write(data.resolve(PID_FILE), lines);
    }
  }

  /** The server that works there. */
  public static Optional<ProcessHandle> left(Path data) {
    return recorded(data)
        .filter(process -> Orphans.isOurs(process) && isServerOf(process.info(), data));
  }

  private static Optional<ProcessHandle> recorded(Path data) {
    try (Stream<String> lines = Files.lines(data.resolve(PID_FILE))) {
      return lines
          .findFirst()
          .flatMap(line -> ProcessHandle.of(Long.parseLong(line.strip())))
          .filter(ProcessHandle::isAlive);
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static boolean isServerOf(ProcessHandle.Info process, Path data) {
    return process.command().map(command -> command.endsWith("/postgres")).orElse(false)
        && process
            .arguments()
            .map(arguments -> List.of(arguments).contains(data.toString()))
            // Where the system does not tell the arguments, the name must do.
            .orElse(true);
  }

  private static void checkVersion(Path data) throws IOException, PairException {
    if (!Files.exists(data)) {
      return;
    }
    Path file = data.resolve("PG_VERSION");
    if (!Files.exists(file)) {
      throw new PairException(data + " is not a database of PostgreSQL: move it away.");
    }
    String version = Files.readString(file).strip();
    if (!version.equals(VERSION)) {
      throw new PairException(
          ("%1$s was made by PostgreSQL %2$s, this is %3$s. With the release of MCPist that made"
               + " it: `mcpist up`, `mcpist backup FILE`, `mcpist down`. Then move %1$s away, and"
               + " with this release: `mcpist up`, `mcpist restore FILE`.")
              .formatted(data, version, VERSION));
    }
  }

  /** In another folder first, then renamed: an interrupted one is not taken for a database. */
  private static void createWhereAbsent(PostgresBinaries binaries, DataFolder folder)
      throws IOException, InterruptedException {
    Path data = folder.postgres();
    if (Files.exists(data)) {
      return;
    }
    Path created = data.resolveSibling("postgres.new");
    DataFolder.delete(created);
    boolean mac = System.getProperty("os.name").startsWith("Mac");
    boolean linux = System.getProperty("os.name").equals("Linux");
    PostgresBinaries.run(
        binaries.command(
            "initdb",
            "--pgdata=" + created,
            "--username=" + USER,
            "--auth=scram-sha-256",
            "--pwfile=/dev/stdin",
            "--encoding=UTF-8",
            // The same order and case on every machine.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=" + (mac ? "en_US.UTF-8" : "C.UTF-8"),
            // A thousand files one by one take seconds where the disk is busy.
            "--sync-method=" + (linux ? "syncfs" : "fsync"),
            "--no-instructions"),
        "replaced-before-the-first-start\n");
    Files.move(created, data, StandardCopyOption.ATOMIC_MOVE);
  }

  /** In single-user mode, which needs no password and opens no port. */
  private static void setPasswords(PostgresBinaries binaries, Path data, Login login)
      throws IOException, InterruptedException {
    List<String> command =
        binaries.command("postgres", "--single", "-j", "-D", data.toString(), USER);
    // A data folder of an earlier release has no such role.
    String statements =
        """
        ALTER ROLE %1$s PASSWORD '%2$s';

        DO $$ BEGIN IF to_regrole('%3$s') IS NULL THEN CREATE ROLE %3$s LOGIN; END IF; END $$;

        ALTER ROLE %3$s PASSWORD '%4$s';

        """
            .formatted(USER, login.owner().reveal(), ORIGIN_USER, login.origin().reveal());
    long patience = System.nanoTime() + STOP_LIMIT.toNanos();
    while (true) {
      try {
        PostgresBinaries.run(command, statements);
        return;
      } catch (IOException e) {
        // Sessions of a server that was killed end on their own, a moment later.
        boolean busy = String.valueOf(e.getMessage()).contains("still in use");
        if (!busy || System.nanoTime() > patience) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  /** How its owner reaches it, password included. */
  public String url() {
    return url(USER, login.owner());
  }

  /** How calls reach it, password included. */
  public String originUrl() {
    return url(ORIGIN_USER, login.origin());
  }

  private String url(String user, Secret password) {
    return "postgres://%s:%s@%s/%s"
        .formatted(user, password.reveal(), DatabaseUrl.socketHost(sockets), USER);
  }

  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public Process launch(Path log) throws IOException {
    try {
      clear(binaries, data);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    clearSocket();
    List<String> command = new ArrayList<>(binaries.command("postgres", "-D", data.toString()));
    settings().forEach(setting -> command.addAll(List.of("-c", setting)));
    return Program.start(PostgresBinaries.builder(command), log);
  }

  /**
   * Removes what a server that was killed has left in the folder of the socket. PostgreSQL would
   * not start if another process has got the number in the lock of the socket.
   */
  private void clearSocket() throws IOException {
    if (left(data).isEmpty()) {
      Path socket = DatabaseUrl.socket(sockets);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(socket.resolveSibling(socket.getFileName() + ".lock"));
    }
  }

  /** As arguments, so that they hold whatever the folder's postgresql.conf says. */
  private List<String> settings() {
    return List.of(
        // What is acknowledged is on the disk.
        "fsync=on",
        "synchronous_commit=on",
        "full_page_writes=on",
        "listen_addresses=",
        "unix_socket_directories=\"" + sockets.toString().replace("\"", "\"\"") + "\"",
        "unix_socket_permissions=0700",
        // A pool is at most (connections - 2) / origins: one that hangs must not starve the one
        // that fences it.
        "max_connections=" + (POOL_SIZE * Math.max(2, origins) + 2 + SPARE),
        // Small: it shares a machine with everything else its owner does.
        "shared_buffers=32MB",
        "maintenance_work_mem=32MB",
        "max_wal_size=256MB",
        "wal_level=minimal",
        "max_wal_senders=0",
        "jit=off",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_destination=stderr",
        "logging_collector=off",
        "log_checkpoints=off",
        // A detail may quote a row, and so what a client has saved.
        "log_error_verbosity=terse");
  }

  @Override
  public Sign ask(Process process) {
    try (Connection connection = new DatabaseUrl(url()).connect(CONNECT_SECONDS)) {
      return connection.isValid(CONNECT_SECONDS) ? Sign.READY : Sign.LIVES;
    } catch (SQLException _) {
      return Sign.LIVES;
    }
  }

  /** A fast shutdown: sessions end, the checkpoint is written. SIGTERM would wait for sessions. */
  @Override
  public void requestStop(Process process) throws IOException, InterruptedException {
    PostgresBinaries.run(binaries.stop(data), "");
  }

  @Override
  public Duration stopLimit() {
    return STOP_LIMIT;
  }

  /** A slow disk can make a good server wait, and a kill would make that longer. */
  @Override
  public boolean isWatched() {
    return false;
  }

  /** Short: it dies at each start while the disk is full, and all wait for it once it is not. */
  @Override
  public Duration longestDelay() {
    return LONGEST_DELAY;
  }
}
