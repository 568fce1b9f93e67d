package com.mcpist.pair.process;

import module java.base;

import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;
import org.apache.commons.io.IOUtils;
import org.jspecify.annotations.Nullable;

/** A process, and its output: always read, so that no full pipe blocks it, and kept in a file. */
final class Running {
  private static final long MAX_LOG_BYTES = 10L * 1024 * 1024;
  private static final int MAX_LINE = 16 * 1024;
  private static final int LONGEST_SHOWN = 300;
  private static final Duration LINE_LIMIT = Duration.ofSeconds(1);

  private final Program program;
  private final Process process;
  private final Path logFile;
  private final Thread reader;
  private volatile String lastLine = "";

  /** Starts it. While two of a program run both write to one log file, each whole lines. */
  Running(Program program, Path logFile) throws IOException {
    this.program = program;
    this.process = program.launch();
    this.logFile = logFile;
    this.reader = Thread.ofPlatform().daemon().start(this::read);
  }

  private void read() {
    try (LogFile log = new LogFile(logFile, MAX_LOG_BYTES);
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      StringBuilder line = new StringBuilder();
      for (int c = lines.read(); c >= 0; c = lines.read()) {
        if (c == '\n' || line.length() >= MAX_LINE) {
          keep(line, log);
        }
        if (c != '\n') {
          line.append((char) c);
        }
      }
      keep(line, log);
    } catch (IOException _) {
      // The process is gone.
    }
  }

  private void keep(StringBuilder line, LogFile log) {
    String text = line.toString().stripTrailing();
    line.setLength(0);
    if (!text.isEmpty()) {
      lastLine = text;
      log.write(text);
    }
  }

  Process process() {
    return process;
  }

  Sign ask() throws InterruptedException {
    return process.isAlive() ? program.ask(process) : Sign.REFUSES;
  }

  boolean isReady() throws InterruptedException {
    return ask() == Sign.READY;
  }

  String endedAtOnce() throws InterruptedException {
    reader.join(LINE_LIMIT); // Not for ever: a grandchild may hold the pipe open.
    String line = lastLine;
    String shown = line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "…";
    return "%s ended at once (%s): %s See %s"
        .formatted(program.name(), exit(), shown.isEmpty() ? "it wrote nothing." : shown, logFile);
  }

  /** Whether somebody has ended it: by SIGHUP, SIGINT, SIGKILL or SIGTERM. */
  boolean isKilled() {
    return Set.of(129, 130, 137, 143).contains(process.exitValue());
  }

  /** How it has ended, by a shell's convention: 128 and more is the signal that ended it. */
  String exit() {
    int code = process.exitValue();
    return code > 128 && code < 160 ? "killed, signal " + (code - 128) : "exit code " + code;
  }

  /**
   * A log file that is renamed to NAME.log.1 when it has grown, of which three are kept. Writing
   * never fails: a line that finds no room on the disk is dropped, since a program must not stop
   * for its log. Used by one thread.
   */
  static final class LogFile implements AutoCloseable {
    static final int KEPT = 3;

    private final Path file;
    private final long maxBytes;
    private long size;
    private @Nullable OutputStream out;

    LogFile(Path file, long maxBytes) {
      this.file = file;
      this.maxBytes = maxBytes;
    }

    void write(String line) {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
      try {
        if (size + bytes.length > maxBytes && size > 0) {
          close();
          rotate();
        }
        OutputStream open = out;
        if (open == null) {
          open = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          out = open;
          size = Files.size(file);
        }
        open.write(bytes);
        size += bytes.length;
      } catch (IOException _) {
        close(); // The next line tries again.
      }
    }

    private void rotate() throws IOException {
      for (int i = KEPT - 1; i >= 1; i--) {
        Path older = numbered(i);
        if (Files.exists(older)) {
          Files.move(older, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      Files.move(file, numbered(1), StandardCopyOption.REPLACE_EXISTING);
      size = 0;
    }

    private Path numbered(int number) {
      return file.resolveSibling(file.getFileName() + "." + number);
    }

    @Override
    public void close() {
      IOUtils.closeQuietly(out); // Nothing is buffered: nothing is lost.
      out = null;
    }
  }
}
