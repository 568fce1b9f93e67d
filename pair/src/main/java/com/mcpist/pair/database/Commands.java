package com.mcpist.pair.database;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs PostgreSQL's tools to their end. */
final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  private Commands() {}

  /**
   * @param input written to its standard input
   * @return its output, errors included
   * @throws IOException where it fails; the message is its last line
   */
  static String run(List<String> command, String input) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    environment(builder);
    Process process = builder.start();
    try (OutputStream out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It ended before it read all; its exit code tells.
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    LOG.debug("{} ended with {}: {}", command, code, output);
    if (code != 0) {
      throw new IOException(lastLine(output));
    }
    return output;
  }

  /** No variable of the caller's changes what PostgreSQL does. */
  static void environment(ProcessBuilder builder) {
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> !name.equals("PATH"));
    environment.put("LC_MESSAGES", "C");
  }

  private static String lastLine(String output) {
    List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty() ? "it wrote nothing" : lines.getLast().strip();
  }
}
