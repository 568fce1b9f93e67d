package com.mcpist.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A pair that {@code ./mcpist up} runs on a data folder of its own, until the test ends. */
public final class Pair implements AutoCloseable {

  public static final String PRIMARY = "koyeb-primary";
  public static final String STANDBY = "flyio-standby";

  /**
   * The built-in deployment, but that an origin gets its traffic back a second after it is well,
   * however often it has failed: how long that takes as it ships is tested where time is moved by
   * hand.
   */
  public static final String FILE =
      """
      origins:
        - name: koyeb-primary
          env: {ENVIRONMENT: production-primary, LOG_PREFIX: "[koyeb]"}
        - name: flyio-standby
          env: {ENVIRONMENT: production-standby, LOG_PREFIX: "[flyio]"}
      edge:
        hold_down: 1s
        hold_down_max: 1s
      """;

  private static final String OWNER_URL = "MIGRATION_DATABASE_URL=";
  private static final Duration STOP_LIMIT = Duration.ofMinutes(1);

  private final Path home;
  private final Path data;
  private final int port;
  private final Map<String, String> environment;
  private final Set<ProcessHandle> seen = new HashSet<>();

  private Pair(Path home, int port, Map<String, String> environment) {
    this.home = home;
    this.data = home.resolve("pair");
    this.port = port;
    this.environment = environment;
  }

  /** A folder and a port for a pair that does not run yet, as it is without a mcpist.yml. */
  public static Pair prepare(Map<String, String> environment) throws IOException {
    return new Pair(
        Files.createTempDirectory("mcpist-e2e"), Ports.free(), new HashMap<>(environment));
  }

  /** A running pair, of {@link #FILE}. */
  public static Pair up() throws IOException {
    return up(Map.of());
  }

  /** A running pair, of {@link #FILE}, whose supervisor has these variables. */
  public static Pair up(Map<String, String> environment) throws IOException {
    return up(environment, FILE);
  }

  /**
   * A running pair whose supervisor has these variables.
   *
   * @param file its mcpist.yml
   */
  public static Pair up(Map<String, String> environment, String file) throws IOException {
    return up(environment, file, Optional.empty());
  }

  /**
   * The same.
   *
   * @param mounts its mounts.json
   */
  public static Pair up(Map<String, String> environment, String file, Optional<String> mounts)
      throws IOException {
    Pair pair = prepare(environment);
    try {
      Files.writeString(pair.home.resolve("mcpist.yml"), file);
      if (mounts.isPresent()) {
        Files.writeString(pair.home.resolve("mounts.json"), mounts.get());
      }
      pair.start();
    } catch (IOException | AssertionError e) {
      pair.close();
      throw e;
    }
    return pair;
  }

  /** {@code up --detach}, again too; what it printed is returned. */
  public Command.Result start() throws IOException {
    Command.Result result = run("up", "--detach", "--port", Integer.toString(port));
    seen.addAll(processes());
    assertThat(result.code()).as("exit code of up: %s", result.all()).isZero();
    return result;
  }

  /** {@code ./mcpist} with these arguments and this pair's {@code --data}. */
  public Command.Result run(String... arguments) throws IOException {
    return Command.run(command(arguments));
  }

  /** The same, not started yet. */
  public ProcessBuilder command(String... arguments) {
    Stream<String> line =
        Stream.concat(Stream.of(Root.PATH.resolve("mcpist").toString()), Stream.of(arguments));
    // The option comes last, since a command may have commands of its own.
    String[] all = Stream.concat(line, Stream.of("--data", data.toString())).toArray(String[]::new);
    ProcessBuilder builder = Root.process(home, all).directory(home.toFile());
    builder.environment().putAll(environment);
    return builder;
  }

  public Path home() {
    return home;
  }

  public Path data() {
    return data;
  }

  public int port() {
    return port;
  }

  /** Where clients connect. */
  public String url() {
    return "http://127.0.0.1:" + port + "/mcp";
  }

  /**
   * What {@code status --json} prints, asked where that asks: a JVM for each look would be most of
   * the work of a machine that is waited for.
   */
  public Status status() throws IOException {
    try {
      return Status.of(
          new LocalPair(data, System.getenv())
              .status()
              .orElseThrow(() -> new IOException("no pair runs in " + data)));
    } catch (PairException e) {
      throw new IOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("asking for the status");
    }
  }

  /** Waits until the status is as wanted, and returns it. */
  public Status awaitStatus(String what, Duration limit, Predicate<Status> wanted) {
    return Conditions.awaitValue(
        what,
        limit,
        () -> {
          Status status = status();
          if (wanted.test(status)) {
            seen.addAll(processes());
            return Optional.of(status);
          }
          throw new AssertionError(status.toString());
        });
  }

  /** Waits until both origins are healthy and the primary serves. */
  public Status awaitSettled() {
    return awaitStatus(
        "both origins are healthy and the primary serves",
        Duration.ofMinutes(2),
        s ->
            s.origins().stream().allMatch(o -> o.state().equals("healthy"))
                && s.origin(PRIMARY).active());
  }

  /**
   * Returns the pair's own database, as its owner reaches it. An origin that runs says where it is.
   * The method waits for such an origin, since a pair may be starting its origins again.
   */
  public DataSource database() {
    DatabaseUrl url =
        Conditions.awaitValue(
            "an origin says where the database is", Conditions.LIMIT, this::owner);
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url.jdbc(Map.of()));
    source.setUser(url.user());
    source.setPassword(url.password());
    return source;
  }

  private Optional<DatabaseUrl> owner() throws IOException {
    long origin = status().origin(STANDBY).runningPid();
    String environment = Files.readString(Path.of("/proc", Long.toString(origin), "environ"));
    return Stream.of(environment.split("\0", -1))
        .filter(variable -> variable.startsWith(OWNER_URL))
        .map(variable -> DatabaseUrl.parse(variable.substring(OWNER_URL.length())))
        .findFirst();
  }

  /** The process number of its supervisor. */
  public long supervisor() throws IOException {
    return Long.parseLong(Files.readAllLines(data.resolve("pair")).getFirst());
  }

  /** All processes of this pair, the database's included. */
  public Set<ProcessHandle> processes() {
    return Processes.of(data);
  }

  /** SIGKILL to every process at once, as a machine that loses power. */
  public void killEverything() {
    // Again for what the supervisor had just started when it was killed.
    Set<ProcessHandle> all = processes();
    while (!all.isEmpty()) {
      all.forEach(ProcessHandle::destroyForcibly);
      Processes.awaitGone(all, STOP_LIMIT);
      all = processes();
    }
  }

  /** {@code down}; fails when a process is left. */
  public Command.Result down() throws IOException {
    seen.addAll(processes());
    Command.Result result = run("down");
    assertThat(result.code()).as("exit code of down: %s", result.all()).isZero();
    assertNoProcess();
    return result;
  }

  /** Fails when a process that this pair ever had is still there. */
  public void assertNoProcess() {
    seen.addAll(processes());
    Processes.awaitGone(seen, STOP_LIMIT);
  }

  /** The last lines of every log, to be shown when a test fails. */
  public String logs() throws IOException {
    return run("logs").all().lines().toList().reversed().stream()
        .limit(60)
        .toList()
        .reversed()
        .stream()
        .reduce("", (a, b) -> a + "\n" + b);
  }

  /** What {@code down} does, without a JVM for it; what it leaves is killed. */
  private void stop() throws IOException {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("XDG_CACHE_HOME", Root.CACHE.toString());
    try {
      new LocalPair(data, environment).stop();
    } catch (PairException _) {
      // It is broken.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopping the pair");
    }
  }

  /** Stops what runs, however broken it is, and deletes the data. */
  @Override
  public void close() throws IOException {
    if (!processes().isEmpty()) {
      stop();
    }
    killEverything();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(home)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
