package com.mcpist.e2e.harness;

import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Ports;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Two origins and an edge, each a process as a platform starts it, and nobody who starts again what
 * a test has killed. {@link Pair} is the same with a supervisor.
 */
public final class Rig implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String ADMIN_TOKEN = "the-admin-token-of-a-test-0123456789abcdef";

  private final RigPlan plan;
  private final Map<String, Program> origins = new HashMap<>();
  private final Program edge;
  private final int port;
  private final EdgeAdmin admin;

  private Rig(RigPlan plan, int port, EdgeAdmin admin) throws IOException {
    this.plan = plan;
    this.port = port;
    this.admin = admin;
    this.edge = Program.edge(plan.edge(port, admin.port(), admin.token()));
  }

  static Rig start(RigPlan plan) throws IOException {
    Rig rig = new Rig(plan, Ports.free(), new EdgeAdmin(Ports.free(), ADMIN_TOKEN));
    try {
      for (String origin : plan.origins().toList()) {
        rig.start(origin);
      }
      rig.awaitSettled();
    } catch (IOException | AssertionError e) {
      rig.close();
      throw e;
    }
    return rig;
  }

  /** Where clients connect. */
  public int port() {
    return port;
  }

  /** The edge's process. */
  public Program edge() {
    return edge;
  }

  /** An origin's process. */
  public Program origin(String name) {
    return Objects.requireNonNull(origins.get(name), name);
  }

  /** Starts an origin that does not run; does not wait until it is healthy. */
  public void start(String origin) throws IOException {
    origins.put(origin, plan.startOrigin(origin));
  }

  /** SIGKILL. */
  public void kill(String origin) throws IOException {
    Program killed = origins.remove(origin);
    if (killed != null) {
      killed.close();
    }
  }

  /** SIGSTOP: its connections stay open, and nothing comes. */
  public void hang(String origin) throws IOException {
    Processes.signal(origin(origin).pid(), "STOP");
  }

  /** SIGCONT. */
  public void wake(String origin) throws IOException {
    Processes.signal(origin(origin).pid(), "CONT");
  }

  /** SIGTERM, and waits until it has answered what it had taken. */
  public void stop(String origin) throws IOException {
    Program stopped = origin(origin);
    stopped.terminate();
    int code = stopped.awaitExit(LIMIT);
    if (code != 0) {
      throw new AssertionError("exit code " + code + "\n" + stopped.log());
    }
    kill(origin);
  }

  /** Takes an origin out, as an operator does. */
  public void drain(String origin) throws IOException {
    admin.change(origin, "drain");
  }

  /** Puts it back. */
  public void undrain(String origin) throws IOException {
    admin.change(origin, "undrain");
  }

  /** How many calls the edge has sent more than once. */
  public long replayed() throws IOException {
    return admin.status().path("calls").path("replayed").asLong();
  }

  /** What the edge says of this origin. */
  public Status.Origin status(String origin) throws IOException {
    return admin.origins().stream().filter(o -> o.name().equals(origin)).findFirst().orElseThrow();
  }

  /** Repairs whatever a test has broken, also one that failed in the middle, and waits for it. */
  public void settle() throws IOException {
    Processes.signal(edge.pid(), "CONT");
    for (String origin : plan.origins().toList()) {
      Program program = origins.get(origin);
      if (program != null && program.alive()) {
        wake(origin);
      } else {
        kill(origin);
        start(origin);
      }
      undrain(origin);
    }
    awaitSettled();
  }

  /** Waits until both origins are healthy and the primary serves. */
  public void awaitSettled() {
    await(
        "both origins are healthy and the primary serves",
        all ->
            all.stream().allMatch(o -> o.state().equals("healthy"))
                && all.getFirst().active()
                && all.getFirst().name().equals(Pair.PRIMARY));
  }

  /** Waits until the edge has noticed that an origin is not well. */
  public void awaitDown(String origin) {
    await(
        origin + " is not healthy",
        all -> all.stream().anyMatch(o -> o.name().equals(origin) && !o.state().equals("healthy")));
  }

  private void await(String what, Predicate<List<Status.Origin>> wanted) {
    try {
      Conditions.awaitValue(
          what,
          LIMIT,
          () -> {
            List<Status.Origin> all = admin.origins();
            if (wanted.test(all)) {
              return Optional.of(true);
            }
            throw new AssertionError(all.toString());
          });
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + logs(), e);
    }
  }

  /** The end of each program's log, to be shown when a test fails. */
  public String logs() {
    StringBuilder all = new StringBuilder();
    append(all, "edge", edge);
    origins.forEach((name, program) -> append(all, name, program));
    return all.toString();
  }

  private static void append(StringBuilder to, String name, Program program) {
    try {
      List<String> lines = program.log().lines().toList();
      to.append("\n== ").append(name).append(", process ").append(program.pid()).append('\n');
      to.append(String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size())));
    } catch (IOException e) {
      to.append("no log of ").append(name).append(": ").append(e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    edge.close();
    for (String origin : List.copyOf(origins.keySet())) {
      kill(origin);
    }
  }
}
