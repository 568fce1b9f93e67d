package com.mcpist.testkit.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Programs of this machine that only root may use. */
final class Commands {
  private static final List<String> FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

  private Commands() {}

  /** Runs it to its end, which must be good, and returns what it printed. */
  static String succeed(Map<String, String> environment, List<String> command) throws IOException {
    ProcessBuilder builder = builder(environment, command);
    Path err = Files.createTempFile("mcpist-host", ".err");
    try {
      Process process = builder.redirectError(err.toFile()).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new AssertionError(
            String.join(" ", command)
                + " ended with "
                + code
                + ":\n"
                + out
                + Files.readString(err));
      }
      return out;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(err);
    }
  }

  static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder
        .environment()
        .merge("PATH", String.join(":", FOLDERS), (path, more) -> path + ":" + more);
    return builder;
  }
}
