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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One of MCPist's own programs: an origin or the edge, in a JVM of its own.
 *
 * @param name what people call it
 * @param folder its jars, and its jvm.options where it has some
 * @param mainClass what the JVM runs
 * @param environment all of its environment, but for INSTANCE: nothing is inherited
 * @param health the address that answers 200 when it is ready
 * @param stopLimit how long it may take to finish what it does
 */
public record JvmProgram(
    String name,
    Path folder,
    String mainClass,
    ClassArchive archive,
    Map<String, String> environment,
    URI health,
    Duration stopLimit,
    HttpClient client)
    implements Program {

  private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

  /** What makes a process of a command. */
  @FunctionalInterface
  public interface Starter {
    Process start(ProcessBuilder builder) throws IOException;
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

  /** Each process is an instance of its own: leases and heartbeats tell processes apart by that. */
  @Override
  public Process launch() throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("INSTANCE", name + "-" + UUID.randomUUID().toString().substring(0, 8));
    // Standard input stays an open pipe: it ends when this supervisor does, and so does the
    // program.
    return launch(all, ProcessBuilder::start);
  }

  /**
   * Starts the process with another environment, or another standard input.
   *
   * @throws IOException where it cannot be started
   */
  public Process launch(Map<String, String> all, Starter starter) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(folder, mainClass, archive.flags()));
    builder.directory(folder.toFile());
    builder.redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(all);
    return starter.start(builder);
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

  /** Without the variables: some are secrets. */
  @Override
  public String toString() {
    return "JvmProgram[" + name + " of " + folder + "]";
  }
}
