package com.mcpist.pair.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One of MCPist's own programs: an origin or the edge, in a JVM of its own.
 *
 * @param name what people call it
 * @param folder its jars, and its jvm.options where it has some
 * @param mainClass what the JVM runs
 * @param environment all of its environment: nothing is inherited
 * @param health the address that answers 200 when it is ready
 * @param stopLimit how long it may take to finish what it does
 * @param records the folder where its process is on record, should this one be killed
 * @param flags for the JVM, besides those that the program ships with; asked for at each start
 */
public record JvmProgram(
    String name,
    Path folder,
    String mainClass,
    Map<String, String> environment,
    URI health,
    Duration stopLimit,
    Path records,
    Supplier<List<String>> flags,
    HttpClient client)
    implements Program {

  private static final Path NICE = Path.of("/usr/bin/nice");
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

  public JvmProgram {
    environment = Map.copyOf(environment);
  }

  /**
   * The command that runs a program's jars with the flags it ships with.
   *
   * @param flags for the JVM, besides
   */
  public static List<String> command(Path folder, String mainClass, List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(java());
    Path options = folder.resolve("jvm.options");
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    command.addAll(flags);
    command.addAll(List.of("-cp", folder.resolve("*").toString(), mainClass));
    return command;
  }

  /** The java that runs this very program. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** What makes a process of a command. */
  @FunctionalInterface
  public interface Starter {
    Process start(ProcessBuilder builder) throws IOException;
  }

  @Override
  public Process launch() throws IOException {
    // Standard input stays an open pipe: it ends when this supervisor does, and so does the
    // program.
    return launch(environment, ProcessBuilder::start);
  }

  /**
   * Starts the process with another environment, or another standard input.
   *
   * @throws IOException where it cannot be started
   */
  public Process launch(Map<String, String> all, Starter starter) throws IOException {
    return launch(command(folder, mainClass, flags.get()), all, starter);
  }

  /**
   * Starts it with the lowest priority, where the system has a way to ask for that.
   *
   * @param training flags for the JVM, instead of those that it is usually given
   */
  public Process launchInBackground(List<String> training) throws IOException {
    List<String> command = command(folder, mainClass, training);
    if (Files.isExecutable(NICE)) {
      command.addAll(0, List.of(NICE.toString(), "-n", "19"));
    }
    return launch(command, environment, ProcessBuilder::start);
  }

  private Process launch(List<String> command, Map<String, String> all, Starter starter)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(all);
    Process process = starter.start(builder);
    try {
      Orphans.record(records, name, process);
      return process;
    } catch (IOException e) {
      process.destroyForcibly(); // What is not on record might be left behind.
      throw e;
    }
  }

  @Override
  public boolean isReady(Process process) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(health).timeout(PROBE_LIMIT).build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public void requestStop(Process process) {
    // Not Process.destroy(), which closes the pipe before the program's last words are read.
    process.toHandle().destroy();
  }
}
