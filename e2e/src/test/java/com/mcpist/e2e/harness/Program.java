package com.mcpist.e2e.harness;

import com.mcpist.pair.data.Releases;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An origin or an edge, started as a platform starts it: by its environment alone, with the JVM
 * flags that it ships with, and those of the property {@code mcpist.programs}.
 */
public final class Program implements AutoCloseable {

  private final Process process;
  private final Path log;

  private Program(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts {@code com.mcpist.origin.Main}. */
  public static Program origin(Map<String, String> environment) throws IOException {
    return origin(List.of(), environment);
  }

  /**
   * The same, by another command.
   *
   * @param prefix replaces itself by the program that follows it, as {@code ip netns exec NAME}
   */
  static Program origin(List<String> prefix, Map<String, String> environment) throws IOException {
    return start("origin", "com.mcpist.origin.Main", prefix, environment);
  }

  /** An origin as it ships, on its own database, without limits, with these variables more. */
  public static Program origin(int port, TestDatabase database, Map<String, String> more)
      throws IOException {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "ENVIRONMENT",
                "production-primary",
                "GATEWAY_SECRET",
                EdgeConfig.SECRET,
                "HOST",
                "127.0.0.1",
                "PORT",
                Integer.toString(port),
                "DATABASE_URL",
                database.originUrl(),
                "MIGRATION_DATABASE_URL",
                database.url(),
                "LIMITS",
                "off"));
    environment.putAll(more);
    return origin(environment);
  }

  /** Starts {@code com.mcpist.edge.Main}. */
  public static Program edge(Map<String, String> environment) throws IOException {
    return start("edge", "com.mcpist.edge.Main", List.of(), environment);
  }

  /** Starts a program that is among the tests, with their class path. */
  public static Program ofTests(Class<?> main, Map<String, String> environment) throws IOException {
    return ofTests(List.of(), main, environment);
  }

  /** The same, by another command. */
  static Program ofTests(List<String> prefix, Class<?> main, Map<String, String> environment)
      throws IOException {
    List<String> arguments =
        List.of(
            // As an origin has them: it ends before the second compiler pays.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    return start(main.getSimpleName(), environment, prefix, arguments);
  }

  private static Program start(
      String name, String main, List<String> prefix, Map<String, String> environment)
      throws IOException {
    Releases.Stored program = ClassArchives.stored(name);
    return start(
        name,
        environment,
        prefix,
        Stream.of(
                Stream.of("@" + program.folder().resolve("jvm.options")),
                Stream.of(System.getProperty("mcpist.programs", "").split(" ", -1))
                    .filter(flag -> !flag.isEmpty()),
                ClassArchives.flags(program).stream(),
                // Tests look into programs by jcmd.
                Stream.of("-XX:-DisableAttachMechanism"),
                Stream.of("-cp", program.folder() + "/*", main))
            .flatMap(part -> part)
            .toList());
  }

  private static Program start(
      String name, Map<String, String> environment, List<String> prefix, List<String> arguments)
      throws IOException {
    Path log = Files.createTempFile("mcpist-" + name, ".log");
    String[] command =
        Stream.of(prefix.stream(), Stream.of(Root.java()), arguments.stream())
            .flatMap(part -> part)
            .toArray(String[]::new);
    ProcessBuilder builder = Root.process(Path.of(System.getProperty("java.io.tmpdir")), command);
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new Program(process, log);
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** All that it has logged so far. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Whether the process ends within the limit. */
  boolean endsWithin(Duration limit) throws IOException {
    return Command.waitFor(process, limit);
  }

  /** Waits for the end of the process, and returns its exit code. */
  public int awaitExit(Duration limit) throws IOException {
    if (!endsWithin(limit)) {
      throw new AssertionError("did not end in " + limit + ": " + log());
    }
    return process.exitValue();
  }

  /**
   * Waits until something is so; when it does not become so, or the process ends, the log is told.
   */
  public void await(String what, Conditions.Check check) throws IOException {
    try {
      Conditions.await(what, Duration.ofMinutes(1), () -> check.holds() || !process.isAlive());
      if (!process.isAlive()) {
        throw new AssertionError("it ended with exit code " + process.exitValue());
      }
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + log(), e);
    }
  }

  @Override
  public void close() throws IOException {
    Command.waitFor(process.destroyForcibly(), Duration.ofSeconds(30));
    WallClock.forget(process.pid());
    Files.deleteIfExists(log);
  }
}
