package com.mcpist.drill;

import module java.base;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.drill.Signal.Breakage;
import com.mcpist.drill.link.FaultProxy;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.supervisor.PairOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A pair that a drill may break: one of this machine, with its own PostgreSQL. */
final class Target {
  /** How many bytes of a response pass before a reset in its middle: of its head, of its body. */
  private static final int[] RESET_AFTER = {40, 400};

  private final LocalPair pair;
  private final DatabaseUrl database;
  private final @Nullable BreakableLinks links;
  private final Set<Long> stopped = ConcurrentHashMap.newKeySet();
  private @Nullable Outsider outsider;

  /** A proxy on each link, edge to origin and origin to database. */
  static final class BreakableLinks implements PairOptions.Links {
    private static final String DATABASE = "database of ";
    private final Map<String, FaultProxy> links = new ConcurrentHashMap<>();

    @Override
    public URI toOrigin(String origin, URI socket) throws PairException {
      Path listens = Path.of(socket.getPath());
      Path link = listens.resolveSibling(listens.getFileName() + ".link");
      open(origin, listens, link);
      return SocketHttp.uri(link);
    }

    /** Opens the link in a folder of its own, since a server's socket has the same name in each. */
    @Override
    public Path toDatabase(String origin, Path folder) throws PairException {
      Path linked = folder.resolve("link-" + (links.size() + 1));
      DataFolder.createPrivate(linked);
      Path link = DatabaseUrl.socket(linked);
      open(DATABASE + origin, DatabaseUrl.socket(folder), link);
      return linked;
    }

    private void open(String name, Path listens, Path link) throws PairException {
      try {
        Files.deleteIfExists(link);
        links.put(name, FaultProxy.open(listens, link));
      } catch (IOException e) {
        throw new PairException("no link can be opened: " + e.getMessage(), e);
      }
    }

    FaultProxy toOrigin(String origin) {
      return Objects.requireNonNull(links.get(origin));
    }

    FaultProxy toDatabase(String origin) {
      return Objects.requireNonNull(links.get(DATABASE + origin));
    }

    void forEach(Consumer<FaultProxy> action) {
      links.values().forEach(action);
    }
  }

  private Target(LocalPair pair, DatabaseUrl database, @Nullable BreakableLinks links) {
    this.pair = pair;
    this.database = database;
    this.links = links;
  }

  /** The pair that runs; links are what stands between its programs, null where nothing does. */
  static Target of(LocalPair pair, @Nullable BreakableLinks links)
      throws RefusedException, PairException, InterruptedException {
    OwnDatabase own =
        switch (pair.database()) {
          case Answer.Done<OwnDatabase>(OwnDatabase told) -> told;
          case Answer.Refused<OwnDatabase> refused ->
              throw new RefusedException(
                  "a drill breaks only a pair with a PostgreSQL of its own: "
                      + refused.told()
                      + ".");
          case Answer.Unknown<OwnDatabase> _ -> throw notUp(pair);
        };
    Target target = new Target(pair, new DatabaseUrl(own.url().reveal()), links);
    for (PairStatus.Origin origin : target.status().origins()) {
      if (origin.pid() != null) { // An earlier drill that was killed may have left it stopped.
        Signal.CONT.send(origin.pid());
      }
    }
    return target;
  }

  private static PairException notUp(LocalPair pair) {
    return new PairException("the pair in " + pair.data() + " is only just starting or stopping");
  }

  URI mcp() throws PairException, InterruptedException {
    return URI.create(status().edge().url());
  }

  SavedRows rows() {
    return new SavedRows(database);
  }

  boolean isSteady() throws PairException, InterruptedException {
    List<PairStatus.Origin> origins = status().origins();
    return origins.stream().anyMatch(PairStatus.Origin::active)
        && origins.stream()
            .allMatch(origin -> origin.pid() != null && origin.state().equals("healthy"));
  }

  boolean primaryServes() throws PairException, InterruptedException {
    return status().origins().getFirst().active();
  }

  PairStatus status() throws PairException, InterruptedException {
    return pair.status().orElseThrow(() -> notUp(pair));
  }

  /** Makes ready to break the origin that serves, or the database, in round 1, 2, … */
  Breakage prepare(Fault fault, PairStatus.Origin origin, int round)
      throws PairException, InterruptedException {
    return switch (fault) {
      case KILL -> Signal.KILL.prepare(pid(origin));
      case HANG -> {
        stopped.add(pid(origin));
        yield Signal.STOP.prepare(pid(origin));
      }
      case PARTITION -> links().toOrigin(origin.name())::cut;
      case PARTITION_DATABASE -> links().toDatabase(origin.name())::cut;
      case RESET -> () -> reset(links().toOrigin(origin.name()), round);
      case DATABASE -> (round % 2 == 1 ? Signal.KILL : Signal.INT).prepare(databasePid());
      case READ_ONLY -> outsider().readOnly();
      case CANCEL -> outsider().cancel();
      case LOCK -> outsider().lock();
      case EDGE -> Signal.KILL.prepare(edgePid());
      case CLIENT -> throw new IllegalArgumentException("it is no fault of a pair");
    };
  }

  private Outsider outsider() throws PairException {
    Outsider come = new Outsider(database);
    outsider = come;
    return come;
  }

  private static void reset(FaultProxy link, int round) {
    if (round % 2 == 1) {
      link.reset();
    } else {
      link.resetResponsesAfter(RESET_AFTER[round / 2 % RESET_AFTER.length]);
    }
  }

  /** Takes every cause away: what is stopped goes on, what is cut is whole. */
  void mend() throws PairException, InterruptedException {
    for (Long pid : stopped) {
      Signal.CONT.send(pid);
    }
    stopped.clear();
    if (outsider != null) {
      outsider.close();
      outsider = null;
    }
    if (links != null) {
      links.forEach(FaultProxy::mend);
    }
  }

  private BreakableLinks links() {
    if (links == null) {
      throw new IllegalStateException("nothing stands between the programs of this pair");
    }
    return links;
  }

  private static long pid(PairStatus.Origin origin) throws PairException {
    if (origin.pid() == null) {
      throw new PairException(origin.name() + " is down already: `mcpist logs` tells why");
    }
    return origin.pid();
  }

  private long edgePid() throws PairException, InterruptedException {
    Long pid = status().edge().pid();
    if (pid == null) {
      throw new PairException("the edge is down already: `mcpist logs` tells why");
    }
    return pid;
  }

  private long databasePid() throws PairException, InterruptedException {
    Long pid = pair.database().ifDone().map(OwnDatabase::pid).orElse(null);
    if (pid == null) {
      throw new PairException("PostgreSQL is down already: `mcpist logs` tells why");
    }
    return pid;
  }

  /** A session of somebody else on the pair's database, who has its owner's rights. */
  static final class Outsider implements AutoCloseable {
    private static final String OF_THE_ORIGINS =
        " from pg_stat_activity where datname = current_database() and usename <> current_user";
    private static final String READ_ONLY =
        "do $$ begin execute format('alter database %%I %s', current_database()); end $$";
    private static final long CANCEL_EVERY_NANOS = 100_000_000;

    private final Connection session;

    Outsider(DatabaseUrl database) throws PairException {
      try {
        session = database.connect();
      } catch (SQLException e) {
        throw unable(e);
      }
    }

    /** The database only reads, for every transaction that begins until this is closed. */
    Breakage readOnly() {
      return () -> {
        run(READ_ONLY.formatted("set default_transaction_read_only = on"));
        run("select pg_terminate_backend(pid)" + OF_THE_ORIGINS);
      };
    }

    /** Nobody else reads or writes a memory until this is closed. */
    Breakage lock() {
      return () -> run("begin; lock table memory in access exclusive mode");
    }

    /**
     * Every statement of an origin that lasts is canceled, again and again until this is closed.
     */
    Breakage cancel() {
      return () -> {
        run("select pg_cancel_backend(pid)" + OF_THE_ORIGINS);
        Thread.ofVirtual().start(this::cancelOn);
      };
    }

    private void cancelOn() {
      try {
        while (!session.isClosed()) {
          LockSupport.parkNanos(CANCEL_EVERY_NANOS);
          run("select pg_cancel_backend(pid)" + OF_THE_ORIGINS);
        }
      } catch (PairException | SQLException _) {
        // It was closed in the middle.
      }
    }

    private void run(String sql) throws PairException {
      try (Statement statement = session.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw unable(e);
      }
    }

    private static PairException unable(SQLException e) {
      return new PairException("the pair's database cannot be broken: " + e.getMessage(), e);
    }

    @Override
    public void close() throws PairException {
      try (session) {
        run("rollback");
        run(READ_ONLY.formatted("reset default_transaction_read_only"));
      } catch (SQLException e) {
        throw unable(e);
      }
    }
  }
}
