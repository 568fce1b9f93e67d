package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
  private static final Duration UNTIL_RESTART = Duration.ofMillis(700);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private final int edgePort;
  private final Map<String, Integer> ports;
  private final String secret;
  private final PostgresServer database = PostgresServer.start();
  private final Map<String, Program> running = new ConcurrentHashMap<>();
  private final ScheduledExecutorService restarts = Executors.newSingleThreadScheduledExecutor();

  /**
   * Nothing runs yet but the database.
   *
   * @param secret what the edge sends as X-Gateway-Secret
   */
  OriginPair(int edgePort, int primaryPort, int standbyPort, String secret) {
    this.edgePort = edgePort;
    this.ports = Map.of(PRIMARY, primaryPort, STANDBY, standbyPort);
    this.secret = secret;
  }

  /** Starts both, and returns when both are healthy. */
  void start() throws IOException {
    for (String origin : List.of(PRIMARY, STANDBY)) {
      startOne(origin);
    }
    for (String origin : List.of(PRIMARY, STANDBY)) {
      int port = ports.getOrDefault(origin, 0);
      Program program = running.get(origin);
      if (program != null) {
        program.await(origin + " is healthy", () -> healthy(port));
      }
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

  @Override
  public boolean kill(String origin) throws IOException {
    Program program = running.remove(origin);
    if (program == null) {
      return false;
    }
    program.close();
    var _ =
        restarts.schedule(() -> startOne(origin), UNTIL_RESTART.toMillis(), TimeUnit.MILLISECONDS);
    return true;
  }

  @Override
  public void signal(String origin, String name) throws IOException {
    Program program = running.get(origin);
    if (program == null) {
      throw new IOException(origin + " does not run");
    }
    Processes.signal(program.pid(), name);
  }

  /** Where the origins have saved, once each has finished what it was at and has ended. */
  DataSource settle() throws IOException {
    endRestarts();
    for (Program program : running.values()) {
      program.terminate();
    }
    for (Program program : running.values()) {
      program.awaitExit(STOP_LIMIT);
    }
    return database.dataSource();
  }

  private void startOne(String origin) {
    try {
      Map<String, String> environment =
          Map.of(
              "ENVIRONMENT",
              "production-" + origin,
              "GATEWAY_SECRET",
              secret,
              "HOST",
              "127.0.0.1",
              "PORT",
              String.valueOf(ports.get(origin)),
              "DATABASE_URL",
              database.url());
      running.put(origin, Program.origin(environment));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean healthy(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
        == 200;
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
    for (String origin : ports.keySet()) {
      Program program = running.remove(origin);
      if (program != null) {
        program.close();
      }
    }
    database.close();
  }
}
