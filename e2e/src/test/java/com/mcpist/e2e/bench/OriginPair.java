package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Two origins and their PostgreSQL, behind an edge that somebody else has started. One that is
 * killed is started again a little later, as a platform does.
 */
final class OriginPair implements Site, AutoCloseable {

  private static final String PRIMARY = "primary";
  private static final String STANDBY = "standby";
  private static final List<String> ORIGINS = List.of(PRIMARY, STANDBY);
  private static final Duration UNTIL_RESTART = Duration.ofMillis(700);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private final int edgePort;
  private final int namingPort;
  private final Map<String, Integer> ports;
  private final String secret;
  private final Map<String, String> variables;
  private final PostgresServer database = PostgresServer.start();
  private final Map<String, Program> programs = new ConcurrentHashMap<>();
  private final Set<String> healthy = ConcurrentHashMap.newKeySet();
  private final Outages outages = new Outages(ORIGINS.size());
  private final ScheduledExecutorService restarts =
      Executors.newScheduledThreadPool(ORIGINS.size());

  /**
   * Nothing runs yet but the database.
   *
   * @param namingPort where X-Served-By names the origin: the edge's, or that of one behind it
   * @param secret what the edge sends as X-Gateway-Secret
   * @param variables more of the origins' environment
   */
  OriginPair(
      int edgePort,
      int primaryPort,
      int standbyPort,
      int namingPort,
      String secret,
      Map<String, String> variables) {
    this.edgePort = edgePort;
    this.namingPort = namingPort;
    this.ports = Map.of(PRIMARY, primaryPort, STANDBY, standbyPort);
    this.secret = secret;
    this.variables = Map.copyOf(variables);
  }

  /** Starts both, and returns when both are healthy. */
  void start() throws IOException {
    for (String origin : ORIGINS) {
      launch(origin);
    }
    for (String origin : ORIGINS) {
      awaitHealthy(origin);
    }
  }

  @Override
  public int port() {
    return edgePort;
  }

  @Override
  public String primary() {
    return PRIMARY;
  }

  /** The origin that answered, or, where the answer did not name it, the one that would now. */
  String named(String servedBy) throws IOException {
    return servedBy.isEmpty() && namingPort != edgePort
        ? health(namingPort).header("X-Served-By").orElse("")
        : servedBy;
  }

  // One that has not become healthy yet serves nobody.
  @Override
  public boolean kill(String servedBy) throws IOException {
    String origin = named(servedBy);
    if (!healthy.remove(origin)) {
      return false;
    }
    program(origin).close();
    outages.begin();
    var _ =
        restarts.schedule(() -> restart(origin), UNTIL_RESTART.toMillis(), TimeUnit.MILLISECONDS);
    return true;
  }

  @Override
  public void signal(String origin, String name) throws IOException {
    Processes.signal(program(origin).pid(), name);
  }

  /** The longest time for which no origin was there, so that no edge could have had an answer. */
  Duration longestOutage() {
    return outages.longest();
  }

  /** Where the origins have saved, once each has finished what it was at and has ended. */
  DataSource settle() throws IOException {
    endRestarts();
    for (Program program : programs.values()) {
      program.terminate();
    }
    for (Program program : programs.values()) {
      program.awaitExit(STOP_LIMIT);
    }
    return database.dataSource();
  }

  private void restart(String origin) {
    try {
      launch(origin);
      awaitHealthy(origin);
      outages.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void launch(String origin) throws IOException {
    Map<String, String> environment = new HashMap<>(variables);
    environment.putAll(
        Map.of(
            "ENVIRONMENT",
            "production-" + origin,
            "GATEWAY_SECRET",
            secret,
            "HOST",
            "127.0.0.1",
            "PORT",
            Integer.toString(port(origin)),
            "DATABASE_URL",
            database.originUrl(),
            "MIGRATION_DATABASE_URL",
            database.url(),
            "LIMITS",
            "off"));
    programs.put(origin, Program.origin(environment));
  }

  private void awaitHealthy(String origin) throws IOException {
    int port = port(origin);
    program(origin).await(origin + " is healthy", () -> healthy(port));
    healthy.add(origin);
  }

  private int port(String origin) {
    return Objects.requireNonNull(ports.get(origin), origin);
  }

  private Program program(String origin) {
    return Objects.requireNonNull(programs.get(origin), origin);
  }

  private static boolean healthy(int port) throws IOException {
    return health(port).status() == 200;
  }

  private static HttpMessage health(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  private void endRestarts() throws InterruptedIOException {
    restarts.shutdownNow();
    try {
      restarts.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("waiting for a restart");
    }
  }

  /** SIGKILL, so that one that hangs is no exception. */
  @Override
  public void close() throws IOException {
    endRestarts();
    for (Program program : programs.values()) {
      program.close();
    }
    database.close();
  }
}
