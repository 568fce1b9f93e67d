package com.mcpist.drill;

import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.drill.Signal.Breakage;
import com.mcpist.drill.link.FaultProxy;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.supervisor.PairOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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
    public int toOrigin(String origin, int port) throws PairException {
      return open(origin, port);
    }

    @Override
    public int toDatabase(String origin, int port) throws PairException {
      return open(DATABASE + origin, port);
    }

    private int open(String name, int port) throws PairException {
      try {
        FaultProxy proxy =
            FaultProxy.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        links.put(name, proxy);
        return proxy.port();
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
    return URI.create(status().edge().url() + "/mcp");
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

  private long databasePid() throws PairException, InterruptedException {
    Long pid = pair.database().ifDone().map(OwnDatabase::pid).orElse(null);
    if (pid == null) {
      throw new PairException("PostgreSQL is down already: `mcpist logs` tells why");
    }
    return pid;
  }
}
