package com.mcpist.pair.process;

import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A program whose work is a line of shell; it is ready once the file is there, silent while {@code
 * silent} is.
 */
record ShellProgram(String name, String script, Path readyFile, Duration stopLimit)
    implements Program {
  @Override
  public Process launch(Path log) throws IOException {
    return Program.start(new ProcessBuilder("sh", "-c", script), log);
  }

  @Override
  public Sign ask(Process process) {
    if (Files.exists(readyFile.resolveSibling("silent"))) {
      return Sign.NONE;
    }
    return Files.exists(readyFile) ? Sign.READY : Sign.LIVES;
  }

  @Override
  public void retire(Process process) throws IOException {
    new ProcessBuilder("kill", "-USR1", Long.toString(process.pid())).start();
  }

  @Override
  public void requestStop(Process process) {
    process.destroy();
  }
}
