package com.mcpist.pair;

import com.mcpist.deploy.config.Admission;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.ControlClient;
import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.RunningPair;
import com.mcpist.pair.database.PostgresServer;
import com.mcpist.pair.platform.EdgeStore;
import com.mcpist.pair.platform.LocalImages;
import com.mcpist.pair.platform.LocalPlatform;
import com.mcpist.pair.platform.Supervision;
import com.mcpist.pair.process.Orphans;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** The pair of a data folder, seen from another process. */
public final class LocalPair {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  /** Longer than the stop, the start and the first probes of a program may take together. */
  private static final Duration RESTART_LIMIT = Duration.ofMinutes(3);

  /** Longer than edge, origins and database may take together. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(75);

  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final Path data;
  private final Path socket;
  private final Map<String, String> environment;
  private final ObjectMapper json = JsonMapper.builder().build();

  /**
   * The pair of a folder, whether it runs or not.
   *
   * @param environment for XDG_RUNTIME_DIR and XDG_CACHE_HOME
   */
  public LocalPair(Path data, Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    this.data = data.toAbsolutePath().normalize();
    this.socket = ControlSocket.of(this.data, environment);
  }

  /** The data folder, absolute. */
  public Path data() {
    return data;
  }

  /** Whether a supervisor has the folder, starting and stopping ones included. */
  public boolean isRunning() {
    return DataFolder.isInUse(data);
  }

  /**
   * How it is.
   *
   * @return empty where none runs, or one is only just starting
   */
  public Optional<PairStatus> status() throws PairException, InterruptedException {
    Reply reply = ask(Request.of("status", null), ANSWER_LIMIT, _ -> {});
    return reply == null ? Optional.empty() : Optional.ofNullable(reply.status());
  }

  /**
   * Drains or undrains an origin.
   *
   * @return the supervisor's reply; null where no pair runs
   */
  public @Nullable Reply change(String verb, String origin)
      throws PairException, InterruptedException {
    return ask(Request.of(verb, origin), ANSWER_LIMIT, _ -> {});
  }

  /**
   * Restarts the edge or an origin.
   *
   * @param name "edge", or an origin's
   * @param step told what is being done, as it comes
   * @return the supervisor's reply; null where no pair runs
   */
  public @Nullable Reply restart(String name, Consumer<String> step)
      throws PairException, InterruptedException {
    return ask(Request.of("restart", name), RESTART_LIMIT, step);
  }

  /**
   * Asks for the pair's own PostgreSQL, password included.
   *
   * @return the supervisor's reply, an error where the database is not the pair's own; null where
   *     no pair runs
   */
  public @Nullable Reply database() throws PairException, InterruptedException {
    return ask(Request.of("database", null), ANSWER_LIMIT, _ -> {});
  }

  /**
   * Asks how it is reached by who looks after it, secrets included.
   *
   * @return empty where none runs, or one is only just starting
   */
  public Optional<PairAccess> access() throws PairException, InterruptedException {
    Reply reply = ask(Request.of("access", null), ANSWER_LIMIT, _ -> {});
    return Optional.ofNullable(reply)
        .map(Reply::access)
        .map(
            told ->
                new PairAccess(
                    URI.create(told.edgeUrl()),
                    Secret.of(told.gatewaySecret()),
                    Secret.of(told.adminToken()),
                    Optional.ofNullable(told.nextGatewaySecret()).map(Secret::of),
                    Optional.ofNullable(told.nextAdminToken()).map(Secret::of),
                    URI.create(told.edgeAdminUrl()),
                    Secret.of(told.edgeAdminToken()),
                    Set.copyOf(told.overlapping()),
                    Optional.ofNullable(told.admission()).orElse(Admission.OPEN)));
  }

  /**
   * One of its origins, as a platform runs it.
   *
   * @param overlaps whether a new process of it starts before the old one ends
   */
  public LocalPlatform platform(String origin) {
    return new LocalPlatform(origin, supervision());
  }

  /** The source of its secrets. */
  public PairVault vault() {
    return new PairVault(this, supervision());
  }

  /** Where its edge has its secret from. */
  public EdgeStore edgeStore() {
    return new EdgeStore(supervision());
  }

  private Supervision supervision() {
    return new Supervision() {
      @Override
      public Path data() {
        return data;
      }

      @Override
      public @Nullable Reply ask(Request request, Duration limit)
          throws PairException, InterruptedException {
        return LocalPair.this.ask(request, limit, _ -> {});
      }
    };
  }

  /** The images that it can run. */
  public LocalImages images() {
    return new LocalImages(data);
  }

  /**
   * Stops it; when this returns nothing of it runs.
   *
   * @return false where none ran
   * @throws PairException where it could not be stopped
   */
  public boolean stop() throws PairException, InterruptedException {
    if (!isRunning()) {
      return stopOrphans();
    }
    Optional<ProcessHandle> supervisor =
        RunningPair.read(data).flatMap(pair -> ProcessHandle.of(pair.pid()));
    boolean asked = askToStop();
    if (supervisor.isEmpty()) {
      throw new PairException("another process works in " + data + ", and it is no pair");
    }
    if (!asked) {
      supervisor.get().destroy(); // As it starts it does not listen yet; SIGTERM stops it too.
    }
    if (!ended(supervisor.get(), asked ? STOP_LIMIT : KILL_LIMIT)) {
      supervisor.get().destroyForcibly();
      ended(supervisor.get(), KILL_LIMIT);
      stopOrphans();
    }
    if (isRunning()) {
      throw new PairException("the pair of " + data + " does not stop");
    }
    return true;
  }

  /** What a supervisor that was killed has left, if it did not end on its own. */
  private boolean stopOrphans() throws PairException, InterruptedException {
    if (!Files.isDirectory(data.resolve("run"))) {
      return false;
    }
    try (DataFolder folder = DataFolder.open(data)) {
      boolean programs = Orphans.end(folder.run(), KILL_LIMIT);
      return PostgresServer.stopLeftover(DataFolder.cache(environment), folder) || programs;
    } catch (IOException e) {
      throw new PairException("what was left in " + data + " does not stop: " + e.getMessage(), e);
    }
  }

  private boolean askToStop() throws InterruptedException {
    try {
      return ask(Request.of("stop", null), ANSWER_LIMIT, _ -> {}) != null;
    } catch (PairException _) {
      return false;
    }
  }

  private static boolean ended(ProcessHandle process, Duration limit) throws InterruptedException {
    try {
      process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException _) {
      return !process.isAlive();
    }
  }

  private @Nullable Reply ask(Request request, Duration limit, Consumer<String> step)
      throws PairException, InterruptedException {
    try {
      return ControlClient.ask(socket, request, json, limit, step);
    } catch (IOException _) {
      return null;
    }
  }
}
