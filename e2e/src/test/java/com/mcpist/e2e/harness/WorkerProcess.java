package com.mcpist.e2e.harness;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The bundled Worker in workerd, on loopback; worker/test/serve.mjs starts it. */
public final class WorkerProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofSeconds(20);
  private static final Pattern LISTENING = Pattern.compile("(?m)^listening on (\\d+)$");
  private static final Pattern CRON = Pattern.compile("(?m)^cron (\\w+)$");
  private final Process process;
  private final Path log;
  private final int port;

  private WorkerProcess(Process process, Path log) throws IOException {
    this.process = process;
    this.log = log;
    this.port =
        Integer.parseInt(
            Conditions.awaitValue(
                "workerd listens",
                START,
                () -> LISTENING.matcher(log()).results().map(m -> m.group(1)).findFirst()));
  }

  /**
   * Starts it.
   *
   * @param bindings what it is bound to, and PORT where it is to be a certain one
   */
  public static WorkerProcess start(Map<String, String> bindings) throws IOException {
    Path log = Files.createTempFile("mcpist-worker", ".log");
    ProcessBuilder builder =
        Root.process(
            Path.of(System.getProperty("java.io.tmpdir")),
            "node",
            Root.PATH.resolve("worker/test/serve.mjs").toString());
    builder.environment().putAll(bindings);
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      return new WorkerProcess(process, log);
    } catch (IOException | AssertionError e) {
      String said = Files.readString(log);
      end(process);
      throw new AssertionError(e.getMessage() + "\n" + said, e);
    }
  }

  /** Where the Worker is asked. */
  public int port() {
    return port;
  }

  /** All that it has logged so far. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Does what the cron trigger does each minute, and returns how that ended, as {@code ok}. */
  public String cron() throws IOException {
    long before = CRON.matcher(log()).results().count();
    process.getOutputStream().write("cron\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return Conditions.awaitValue(
        "the cron trigger has run",
        Conditions.LIMIT,
        () -> {
          Matcher all = CRON.matcher(log());
          return all.results().skip(before).map(m -> m.group(1)).findFirst();
        });
  }

  /** SIGKILL to workerd and to what has started it. */
  public void kill() throws IOException {
    kill(all(process));
    Command.waitFor(process, STOP);
    Files.deleteIfExists(log);
  }

  @Override
  public void close() throws IOException {
    end(process);
    Files.deleteIfExists(log);
  }

  private static void end(Process process) throws IOException {
    List<ProcessHandle> all = all(process);
    process.destroy();
    Command.waitFor(process, STOP);
    kill(all);
    Command.waitFor(process, STOP);
  }

  // workerd outlives a parent that is killed.
  private static List<ProcessHandle> all(Process process) {
    return Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
  }

  private static void kill(List<ProcessHandle> all) {
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
