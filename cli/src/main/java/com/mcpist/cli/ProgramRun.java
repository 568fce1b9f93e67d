package com.mcpist.cli;

import com.mcpist.pair.process.JvmProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs one of the programs in the foreground, as if it had been called itself. */
final class ProgramRun {
  private ProgramRun() {}

  /**
   * Runs it to its end; a signal that stops this process stops it first.
   *
   * @param added to the caller's environment
   * @param afterwards what is still to be done once it has ended, whatever ended it
   * @return its exit code
   */
  static int run(Path folder, String mainClass, Map<String, String> added, Runnable afterwards)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(JvmProgram.command(folder, mainClass, List.of())).inheritIO();
    builder.environment().putAll(added);
    Process process = builder.start();
    Thread hook =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  process.destroy();
                  process.onExit().join();
                  afterwards.run();
                });
    Runtime.getRuntime().addShutdownHook(hook);
    int code = process.waitFor();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      hook.join(); // A signal: the hook does the rest.
      return code;
    }
    afterwards.run();
    return code;
  }
}
