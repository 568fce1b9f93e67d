package com.mcpist.e2e.history;

import static com.mcpist.e2e.history.Schedule.EDGE;
import static com.mcpist.e2e.history.Schedule.PRIMARY;
import static com.mcpist.e2e.history.Schedule.STANDBY;

import com.mcpist.drill.link.FaultProxy;
import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.Databases;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.WallClock;
import com.mcpist.e2e.history.Step.Cut;
import com.mcpist.e2e.history.Step.Release;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Real things that a history happens to: a database, two origins, edges, mounted servers, and the
 * links between them. It goes on from one history to the next, and starts again only what one has
 * killed.
 */
final class World implements AutoCloseable {
  /** An edge gives up after so long without any origin. */
  private static final int WAIT_SECONDS = 30;

  private static final String RESOURCE = "https://mcp.example.com/mcp";
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
  private static final List<String> ORIGINS = List.of(PRIMARY, STANDBY);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final TestDatabase database = TestDatabase.create();
  private final Rows rows = new Rows(database.dataSource());
  private final Issuer issuer = Issuer.start();
  private final PublicJsonWebKey signing = issuer.key("history", "ES256");
  private final CountingServer servers = new CountingServer(origin -> kill(origin, 300));
  private final Map<String, Integer> ports = new HashMap<>();
  private final Map<String, FaultProxy> fromEdges = new HashMap<>();
  private final Map<String, FaultProxy> toDatabase = new HashMap<>();
  private final Map<String, Release> releases = new ConcurrentHashMap<>();
  private final Map<String, Program> origins = new HashMap<>();

  /** Origins that were stopped and are not started again yet. */
  private final Set<String> stopped = new HashSet<>();

  /** The wall clock of each program that has one of its own. */
  private final Map<String, WallClock> clocks = new HashMap<>();

  private final Set<String> drained = ConcurrentHashMap.newKeySet();
  private final List<EdgeProcess> edges = new ArrayList<>();
  private final ScheduledExecutorService restarts = Executors.newScheduledThreadPool(2);

  /**
   * Starts all programs, with an edge of each of these kinds, and without these guards.
   *
   * @param ownClocks whether the origins and the Java edge have wall clocks that {@link #setClock}
   *     shifts; needs {@link Need#FAKETIME}. Such programs take more time for each look at a clock.
   */
  World(List<EdgeKind> kinds, Set<Guard> without, boolean ownClocks)
      throws SQLException, IOException {
    if (ownClocks) {
      for (String program : List.of(PRIMARY, STANDBY, EDGE)) {
        clocks.put(program, new WallClock());
      }
    }
    for (String origin : ORIGINS) {
      int port = Ports.free();
      ports.put(origin, port);
      releases.put(origin, Release.NEWEST);
      fromEdges.put(origin, link(port));
      toDatabase.put(origin, link(database.port()));
    }
    try {
      for (String origin : ORIGINS) {
        launch(origin);
        awaitHealthy(origin);
      }
      rows.letSavesTakeTime();
      for (Guard guard : without) {
        rows.execute(guard.sql);
      }
      for (EdgeKind kind : kinds) {
        edges.add(new EdgeProcess(kind, config(), clock(EDGE)));
      }
      settle();
    } catch (IOException | SQLException | AssertionError e) {
      close();
      throw e;
    }
  }

  private static FaultProxy link(int port) throws IOException {
    return FaultProxy.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** Everything that takes time in production is short, so that a history is. */
  private ObjectNode config() {
    ObjectNode config = JsonMapper.shared().createObjectNode().put("limits", "none");
    config.putArray("allowedHosts").add("localhost");
    for (String origin : ORIGINS) {
      String url = "http://127.0.0.1:" + of(fromEdges, origin).port();
      config.withArray("origins").addObject().put("name", origin).put("url", url);
    }
    ObjectNode jwt = config.putObject("auth").put("resource", RESOURCE).putObject("jwt");
    jwt.put("issuer", Issuer.NAME).put("jwks", issuer.jwks().toString());
    config.putObject("monitor").put("intervalSeconds", 0.5).put("timeoutSeconds", 0.5);
    config
        .withObjectProperty("monitor")
        .put("consecutiveUp", 1)
        .put("retries", 0)
        .put("consecutiveDown", 2);
    config
        .putObject("edge")
        .put("holdDownSeconds", 0.1)
        .put("holdDownMaxSeconds", 0.1)
        .put("waitSeconds", WAIT_SECONDS);
    return config;
  }

  Rows rows() {
    return rows;
  }

  CountingServer servers() {
    return servers;
  }

  /** The edge of a user: those with an odd number are at the second one, if there are two. */
  EdgeProcess edge(int user) {
    return edges.get(user % edges.size());
  }

  /** The header of a user that no other history has. */
  String authorization(String user) {
    JwtClaims claims = Issuer.claims(RESOURCE, user);
    long now = System.currentTimeMillis();
    // Whether a token has expired is for the edge's own clock to say, however wrong it is.
    claims.setIssuedAt(NumericDate.fromMilliseconds(now - DAY_MILLIS));
    claims.setExpirationTime(NumericDate.fromMilliseconds(now + DAY_MILLIS));
    String token = Issuer.token(signing, "ES256", claims);
    return "Authorization: Bearer " + token;
  }

  /** SIGKILL, and a start after a while. */
  void kill(String origin, int restartMillis) {
    try {
      synchronized (origins) {
        stopped.add(origin);
        of(origins, origin).close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var _ = restarts.schedule(() -> launchIfDead(origin), restartMillis, TimeUnit.MILLISECONDS);
  }

  void signal(String origin, String name) throws IOException {
    Program program;
    synchronized (origins) {
      program = of(origins, origin);
    }
    if (program.alive()) {
      Processes.signal(program.pid(), name);
    }
  }

  void cutFromEdges(String origin, Cut cut) {
    cut(of(fromEdges, origin), cut);
  }

  void mendFromEdges(String origin) {
    of(fromEdges, origin).mend();
  }

  void cutFromDatabase(String origin, Cut cut) {
    cut(of(toDatabase, origin), cut);
  }

  void mendFromDatabase(String origin) {
    of(toDatabase, origin).mend();
  }

  private static void cut(FaultProxy link, Cut cut) {
    link.cut();
    if (cut == Cut.RESET) {
      link.reset();
    }
  }

  void drain(String origin) throws IOException {
    drained.add(origin);
    for (EdgeProcess edge : edges) {
      edge.change(origin, "drain");
    }
  }

  void undrain(String origin) throws IOException {
    for (EdgeProcess edge : edges) {
      edge.change(origin, "undrain");
    }
    drained.remove(origin);
  }

  /** Stops an origin in good order, and starts it with another release. */
  void deploy(String origin, Release release) throws IOException {
    if (releases.put(origin, release) != release) {
      Program program;
      synchronized (origins) {
        program = of(origins, origin);
      }
      program.terminate();
      program.awaitExit(LIMIT);
      kill(origin, 0);
    }
  }

  /**
   * Puts the wall clock of an origin or of the Java edge so far ahead of the database's. Does
   * nothing if the programs of this world have no clocks of their own.
   */
  void setClock(String program, Duration ahead) {
    WallClock clock = clocks.get(program);
    if (clock != null) {
      clock.shift(ahead);
    }
  }

  private Map<String, String> clock(String program) {
    WallClock clock = clocks.get(program);
    return clock == null ? Map.of() : clock.environment();
  }

  /** How far the clock of an origin or an edge is ahead of the database's, as the program says. */
  long skewMillis(String program) throws IOException {
    if (program.equals(EDGE)) {
      return edges.getFirst().skewMillis();
    }
    String request =
        "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Gateway-Secret: %s\r\n\r\n"
            .formatted(EdgeConfig.SECRET);
    byte[] health = RawHttp.exchange(of(ports, program), request).body();
    return JsonMapper.shared().readTree(health).path("clockSkewMillis").asLong(0);
  }

  /** The origins that have ended though nobody has stopped them. */
  List<String> ended() {
    synchronized (origins) {
      return ORIGINS.stream()
          .filter(origin -> !of(origins, origin).alive() && !stopped.contains(origin))
          .toList();
    }
  }

  void killEdges() throws IOException {
    for (EdgeProcess edge : edges) {
      edge.kill();
    }
    for (EdgeProcess edge : edges) {
      edge.start();
    }
  }

  boolean isWell() {
    return edges.stream().allMatch(edge -> edge.isWell(drained));
  }

  /** Repairs everything, and waits until the edges know. */
  void settle() throws IOException {
    rows.unlock();
    for (String origin : ORIGINS) {
      mendFromDatabase(origin);
      mendFromEdges(origin);
      signal(origin, "CONT");
      setClock(origin, Duration.ZERO);
      deploy(origin, Release.NEWEST);
      launchIfDead(origin);
    }
    setClock(EDGE, Duration.ZERO);
    for (String origin : ORIGINS) {
      if (drained.contains(origin)) {
        undrain(origin);
      }
    }
    for (EdgeProcess edge : edges) {
      edge.awaitWell(Set.of());
    }
  }

  private void launchIfDead(String origin) {
    try {
      synchronized (origins) {
        if (!of(origins, origin).alive()) {
          launch(origin);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void launch(String origin) throws IOException {
    List<String> mounts =
        switch (of(releases, origin)) {
          case NEWEST -> List.of(Target.QUICK, Target.SLOW, Target.WEB);
          case OLDER -> List.of(Target.SLOW, Target.WEB);
          case SLOW_ALONE -> List.of(Target.SLOW);
        };
    String url = database.url().replace(":" + database.port(), ":" + of(toDatabase, origin).port());
    Map<String, String> environment = new HashMap<>();
    environment.putAll(clock(origin));
    environment.put("ENVIRONMENT", "production-" + origin);
    environment.put("GATEWAY_SECRET", EdgeConfig.SECRET);
    environment.put("LIMITS", "off");
    environment.put("HOST", "127.0.0.1");
    environment.put("PORT", Integer.toString(of(ports, origin)));
    environment.put("MIGRATION_DATABASE_URL", url);
    environment.put("DATABASE_URL", Databases.ofOrigins(url));
    environment.put("MOUNTS", servers.mounts(origin, mounts));
    synchronized (origins) {
      origins.put(origin, Program.origin(environment));
      stopped.remove(origin);
    }
  }

  private void awaitHealthy(String origin) throws IOException {
    int port = of(ports, origin);
    of(origins, origin)
        .await(
            origin + " is healthy",
            () ->
                RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
                    == 200);
  }

  private static <T> T of(Map<String, T> map, String name) {
    return Objects.requireNonNull(map.get(name), name);
  }

  /** The last lines of each program's log. */
  Map<String, String> logs() throws IOException {
    Map<String, String> logs = new HashMap<>();
    for (EdgeProcess edge : edges) {
      logs.put(edge.kind().name(), edge.log());
    }
    synchronized (origins) {
      for (String origin : ORIGINS) {
        logs.put(origin, of(origins, origin).log());
      }
    }
    return logs;
  }

  @Override
  public void close() throws IOException, SQLException {
    restarts.shutdownNow();
    for (EdgeProcess edge : edges) {
      edge.close();
    }
    for (Program origin : origins.values()) {
      origin.close();
    }
    fromEdges.values().forEach(FaultProxy::close);
    toDatabase.values().forEach(FaultProxy::close);
    for (WallClock clock : clocks.values()) {
      clock.close();
    }
    servers.close();
    issuer.close();
    rows.close();
    database.close();
  }
}
