package com.mcpist.deploy.platform.ssh;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The person's own ssh: its configuration, keys, agent and known hosts. It never asks anything.
 *
 * @param environment what it is run with, and PATH, where it is looked for
 */
record Ssh(HostedApp app, Map<String, String> environment) {
  private static final int MOST_BYTES = 1 << 20;

  /** What ssh answers with itself, and not what it runs. */
  static final int OWN_FAILURE = 255;

  private static final List<String> OPTIONS =
      List.of(
          "-T",
          "-oBatchMode=yes",
          "-oConnectTimeout=10",
          "-oServerAliveInterval=5",
          "-oServerAliveCountMax=3",
          // A banner is nothing to be told, and forwardings are for the person's own sessions.
          "-oLogLevel=ERROR",
          "-oClearAllForwardings=yes",
          "-oRemoteCommand=none");

  /**
   * What a script has come to.
   *
   * @param code {@link #OWN_FAILURE} where ssh did not get that far, or the connection broke off
   */
  record Result(int code, String out, String err) {}

  /**
   * Runs a script in the host's {@code sh}. Where the deadline passes or the thread is interrupted,
   * the connection is broken off; what the script has begun on the host goes on.
   *
   * @param hidden values that no result repeats
   * @return empty where the deadline has passed
   * @throws IOException where there is no ssh
   */
  Optional<Result> run(String script, List<Secret> hidden, Deadline deadline)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      Executor threads = task -> Thread.ofVirtual().start(task);
      CompletableFuture<String> out =
          CompletableFuture.supplyAsync(() -> read(process.getInputStream()), threads);
      CompletableFuture<String> err =
          CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), threads);
      threads.execute(() -> write(process.getOutputStream(), script));
      if (!process.waitFor(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
      return Optional.of(
          new Result(
              process.exitValue(), redacted(out.join(), hidden), redacted(err.join(), hidden)));
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> command() throws IOException {
    List<String> command = new ArrayList<>(List.of(program().toString()));
    command.addAll(OPTIONS);
    command.addAll(List.of("--", app.host(), "sh"));
    return command;
  }

  private Path program() throws IOException {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "ssh"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IOException("there is no program ssh on the PATH"));
  }

  private static void write(OutputStream stream, String script) {
    try (stream) {
      stream.write(script.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It has ended, and its exit code says why.
    }
  }

  private static String read(InputStream stream) {
    try (stream) {
      String text = new String(stream.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
      stream.skip(Long.MAX_VALUE);
      return text;
    } catch (IOException _) {
      return ""; // It was broken off.
    }
  }

  private static String redacted(String text, List<Secret> hidden) {
    String redacted = text;
    for (Secret secret : hidden) {
      redacted = secret.redact(redacted);
    }
    return redacted;
  }

  /** Without the environment, which has secrets. */
  @Override
  public String toString() {
    return "Ssh[" + app.host() + "]";
  }
}
