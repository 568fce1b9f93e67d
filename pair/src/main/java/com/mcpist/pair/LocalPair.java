package com.mcpist.pair;

import module java.base;

import com.mcpist.pair.control.ControlSocket;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.control.Sockets;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.pair.process.SharedSocket;
import com.mcpist.pair.supervisor.Leftovers;

/** The pair of a data folder, seen from another process. No answer in time is a PairException. */
public final class LocalPair {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  /** Longer than the stop, the start and the first probes of a program may take, there and back. */
  private static final Duration RESTART_LIMIT = Duration.ofMinutes(5);

  /** Longer than edge, origins and database may take together. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(75);

  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final Path data;
  private final Sockets sockets;
  private final Map<String, String> environment;

  /** The pair of a folder, whether it runs or not; the environment is for XDG_* variables. */
  public LocalPair(Path data, Map<String, String> environment) {
    this.environment = environment;
    this.data = DataFolder.real(data);
    this.sockets = Sockets.of(this.data);
  }

  public Path data() {
    return data;
  }

  /** Whether a supervisor has the folder, starting and stopping ones included. */
  public boolean isRunning() {
    return DataFolder.isInUse(data);
  }

  /** Whether its supervisor was killed, and another one can take over what serves. */
  public boolean isAlone() {
    return !isRunning() && SharedSocket.holder(DataFolder.run(data)).isPresent();
  }

  public String nothingRuns() {
    if (isAlone()) {
      return "the pair in " + data + " serves without a supervisor: `mcpist up` takes it over.";
    }
    return "%s in %s. `mcpist up` starts one."
        .formatted(
            isRunning() ? "the pair is only just starting or stopping" : "no pair is running",
            data);
  }

  /** How it is; empty where none runs, or one is only just starting. */
  public Optional<PairStatus> status() throws PairException, InterruptedException {
    return ask(Request.of("status"), PairStatus.class, ANSWER_LIMIT).ifDone();
  }

  public Answer<PairStatus> change(String verb, String origin)
      throws PairException, InterruptedException {
    return ask(Request.of(verb, origin), PairStatus.class, ANSWER_LIMIT);
  }

  /** Restarts an origin, or "edge", and tells the steps, and how the pair is then. */
  public Answer<PairStatus> restart(String name, Consumer<String> step)
      throws PairException, InterruptedException {
    return ask(Request.of("restart", name), PairStatus.class, RESTART_LIMIT, step);
  }

  /** The pair's own PostgreSQL, password included; refused where the database is another's. */
  public Answer<OwnDatabase> database() throws PairException, InterruptedException {
    return ask(Request.of("database"), OwnDatabase.class, ANSWER_LIMIT);
  }

  /** How it is reached, secrets included; empty where none runs, or one is only just starting. */
  public Optional<PairAccess> access() throws PairException, InterruptedException {
    return ask(Request.of("access"), PairAccess.class, ANSWER_LIMIT).ifDone();
  }

  public Releases releases() {
    return new Releases(data);
  }

  <T> Answer<T> ask(Request request, Class<T> type, Duration limit)
      throws PairException, InterruptedException {
    return ask(request, type, limit, _ -> {});
  }

  private <T> Answer<T> ask(Request request, Class<T> type, Duration limit, Consumer<String> step)
      throws PairException, InterruptedException {
    try {
      return ControlSocket.ask(sockets, request, type, limit, step);
    } catch (IOException _) {
      return new Answer.Unknown<>(nothingRuns());
    }
  }

  /** Stops it; when this returns nothing of it runs. False: none ran. */
  public boolean stop() throws PairException, InterruptedException {
    if (!isRunning()) {
      return stopLeft();
    }
    ProcessHandle supervisor =
        DataFolder.runningPair(data)
            .flatMap(pair -> ProcessHandle.of(pair.pid()))
            .filter(process -> SupervisorProcess.isSupervisor(process, data))
            .orElse(null);
    boolean asked = false;
    try {
      asked = ask(Request.of("stop"), Boolean.class, ANSWER_LIMIT).ifDone().isPresent();
    } catch (PairException _) {
      // It is stopped by a signal.
    }
    if (supervisor == null) {
      throw new PairException(data + " is in use by another process that is not a pair");
    }
    if (!asked) {
      supervisor.destroy(); // As it starts it does not listen yet; SIGTERM stops it too.
    }
    if (!AdoptedProcess.ends(supervisor, asked ? STOP_LIMIT : KILL_LIMIT)) {
      supervisor.destroyForcibly();
      var _ = AdoptedProcess.ends(supervisor, KILL_LIMIT);
    }
    stopLeft(); // It may have been taking over what another one had left.
    if (isRunning()) {
      throw new PairException("the pair of " + data + " does not stop");
    }
    return true;
  }

  /** Stops what a supervisor that was killed has left; false: nothing runs. */
  boolean stopLeft() throws PairException, InterruptedException {
    if (!Leftovers.run(data)) {
      return false;
    }
    try (DataFolder folder = DataFolder.open(data)) {
      Leftovers.end(folder, DataFolder.cache(environment));
      return true;
    }
  }
}
