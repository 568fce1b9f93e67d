package com.mcpist.pair.database;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.pair.process.Keeper;
import org.jspecify.annotations.Nullable;

/** The database of the origins: one of the caller's, or the embedded one. */
public sealed interface PairDatabase {
  /** What the origins are told: DATABASE_URL, MIGRATION_DATABASE_URL and what goes with them. */
  Map<String, String> environment();

  default String shown() {
    return new DatabaseUrl(environment().getOrDefault("DATABASE_URL", "")).shown();
  }

  /** How its owner reaches it; empty where it is not the pair's own. */
  default Optional<OwnDatabase> own() {
    return Optional.empty();
  }

  /** What another supervisor needs to go on with it; empty where it is not the pair's own. */
  default Optional<Login> login() {
    return Optional.empty();
  }

  /** The passwords of the superuser, who owns the tables, and of the role that origins run as. */
  record Login(Secret owner, Secret origin) {}

  /** Returns when it is ready. One that an earlier supervisor has left goes on. */
  void start(Duration limit) throws PairException, InterruptedException;

  /** Returns when nothing of the pair's own runs. */
  default void stop() throws InterruptedException {}

  /**
   * That of DATABASE_URL where set, else an embedded one for so many origins; not started. With the
   * login that an earlier supervisor had, what that has left is as it was; else it is stopped.
   */
  static PairDatabase choose(
      DataFolder folder,
      int origins,
      Map<String, String> environment,
      Optional<Login> login,
      Consumer<String> notices,
      Consumer<Keeper.Death> deaths,
      Consumer<String> steps)
      throws PairException, InterruptedException {
    String given = environment.getOrDefault("DATABASE_URL", "");
    if (!given.isEmpty()) {
      steps.accept("Connecting to the database of DATABASE_URL");
      return new Given(DatabaseUrl.parse(given), environment);
    }
    steps.accept("Preparing PostgreSQL");
    PostgresBinaries binaries = PostgresBinaries.find(DataFolder.cache(environment));
    steps.accept("Starting PostgreSQL");
    Sockets sockets = Sockets.of(folder.path());
    sockets.create();
    PostgresServer server =
        login.isPresent()
            ? new PostgresServer(
                binaries, folder.postgres(), sockets.folder(), origins, login.get())
            : PostgresServer.prepare(binaries, folder, sockets.folder(), origins);
    Keeper keeper = new Keeper(server, folder.logs(), notices, deaths);
    return new Embedded(server, keeper, folder.path());
  }

  /** Where the caller names no owner, the given one is, and origins have a role made beside it. */
  record Given(DatabaseUrl url, Map<String, String> caller) implements PairDatabase {
    @Override
    public Map<String, String> environment() {
      Map<String, String> environment = new TreeMap<>(caller);
      environment.keySet().retainAll(List.of("MIGRATION_DATABASE_URL", "DATABASE_POOL_SIZE"));
      environment.values().removeIf(String::isEmpty);
      if (environment.containsKey("MIGRATION_DATABASE_URL") || url.isOrigins()) {
        environment.put("DATABASE_URL", url.full());
      } else {
        environment.put("DATABASE_URL", url.forOrigins().full());
        environment.put("MIGRATION_DATABASE_URL", url.full());
      }
      return environment;
    }

    /** Never the caller's variables. */
    @Override
    public String toString() {
      return "Given[" + url + "]";
    }

    @Override
    public void start(Duration limit) throws PairException {
      url.check();
    }
  }

  final class Embedded implements PairDatabase {
    private final PostgresServer server;
    private final Keeper keeper;
    private final Path folder;

    Embedded(PostgresServer server, Keeper keeper, Path folder) {
      this.server = server;
      this.keeper = keeper;
      this.folder = folder;
    }

    @Override
    public Map<String, String> environment() {
      return Map.of(
          "DATABASE_URL",
          server.originUrl(),
          "MIGRATION_DATABASE_URL",
          server.url(),
          "DATABASE_POOL_SIZE",
          Integer.toString(PostgresServer.POOL_SIZE),
          "DATABASE_DISK",
          folder.toString());
    }

    @Override
    public Optional<OwnDatabase> own() {
      return Optional.of(new OwnDatabase(Secret.of(server.url()), keeper.pid()));
    }

    @Override
    public Optional<Login> login() {
      return Optional.of(server.login());
    }

    @Override
    public void start(Duration limit) throws PairException, InterruptedException {
      keeper.start(PostgresServer.left(server.data()).stream().map(AdoptedProcess::new).toList());
      keeper.awaitReady(limit);
    }

    @Override
    public void stop() throws InterruptedException {
      keeper.stop();
    }
  }

  /**
   * The database of a developer's single origin: the same PostgreSQL as a pair's, in a folder of
   * its own, so that trying things out never touches what a pair has saved.
   */
  record DevelopmentDatabase(DataFolder folder, PairDatabase database) implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /** Starts it in the subfolder "development"; notices are of its deaths and returns. */
    public static DevelopmentDatabase start(
        Path data, Map<String, String> environment, Consumer<String> notices)
        throws PairException, InterruptedException {
      Map<String, String> embedded = new HashMap<>(environment);
      embedded.remove("DATABASE_URL");
      DataFolder folder = DataFolder.open(data.resolve("development"));
      @Nullable PairDatabase database = null;
      try {
        folder.checkSpace();
        database =
            PairDatabase.choose(folder, 1, embedded, Optional.empty(), notices, _ -> {}, _ -> {});
        database.start(START_LIMIT);
        return new DevelopmentDatabase(folder, database);
      } catch (PairException | InterruptedException e) {
        try {
          if (database != null) {
            database.stop();
          }
        } finally {
          folder.close();
        }
        throw e;
      }
    }

    public Map<String, String> environment() {
      return database.environment();
    }

    @Override
    public void close() {
      try {
        database.stop();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      folder.close();
    }
  }
}
