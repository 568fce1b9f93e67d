package com.mcpist.pair.rollout;

import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Program;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One release of an origin. Each process of it is an instance with a name of its own: leases and
 * heartbeats tell processes apart by that.
 */
final class OriginProgram implements Program {
  private static final String SECRET = "GATEWAY_SECRET";

  /** More than the calls in flight may take, 25 s at most, and the end. */
  private static final Duration RETIREMENT = Duration.ofSeconds(30);

  private final JvmProgram program;
  private final boolean shared;
  private final Supplier<Map<String, String>> secrets;
  private final Supplier<String> instances;
  private final ConcurrentMap<Long, HealthQuestion> questions = new ConcurrentHashMap<>();

  /**
   * A release that does not run yet.
   *
   * @param shared whether two processes can listen at once
   * @param secrets those that are stored, asked for at each start
   * @param instances a new name at each start
   */
  OriginProgram(
      JvmProgram program,
      boolean shared,
      Supplier<Map<String, String>> secrets,
      Supplier<String> instances) {
    this.program = program;
    this.shared = shared;
    this.secrets = secrets;
    this.instances = instances;
  }

  @Override
  public String name() {
    return program.name();
  }

  @Override
  public Process launch() throws IOException {
    Map<String, String> environment = new HashMap<>(program.environment());
    environment.putAll(secrets.get());
    String instance = instances.get();
    environment.put("INSTANCE", instance);
    Process process = program.launch(environment, ProcessBuilder::start);
    // The first of several, as an edge sends it.
    String secret = environment.getOrDefault(SECRET, "").split(",", 2)[0];
    questions.put(process.pid(), new HealthQuestion(program.health(), secret, instance));
    var _ = process.onExit().thenRun(() -> questions.remove(process.pid()));
    return process;
  }

  /** Where another process may listen on its port, it is ready when it is the one that answers. */
  @Override
  public boolean isReady(Process process) throws InterruptedException {
    HealthQuestion question = questions.get(process.pid());
    if (question == null) {
      return false; // It has ended, or is of another release.
    }
    return shared ? question.isAnswered() : program.isReady(process);
  }

  @Override
  public void requestStop(Process process) {
    program.requestStop(process);
  }

  @Override
  public boolean overlaps() {
    return shared;
  }

  /** Its calls have their time; one that hangs would stay for ever. */
  @Override
  public void retire(Process process) {
    requestStop(process);
    CompletableFuture.delayedExecutor(RETIREMENT.toMillis(), TimeUnit.MILLISECONDS)
        .execute(process::destroyForcibly);
  }

  @Override
  public Duration stopLimit() {
    return program.stopLimit();
  }
}
