package com.mcpist.pair.database;

import com.mcpist.pair.process.Orphans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an earlier PostgreSQL left in a data folder. Whoever calls this has the folder's lock, so a
 * server that still runs there has lost its supervisor.
 */
final class Leftover {
  private static final String PID_FILE = "postmaster.pid";

  private Leftover() {}

  /** Stops a server that still runs there, and removes a pid file that means nothing any more. */
  static void clear(PostgresBinaries binaries, Path data, Duration limit)
      throws IOException, InterruptedException {
    Optional<ProcessHandle> server = server(data);
    if (server.isPresent()) {
      Commands.run(binaries.stop(data), "");
      if (!Orphans.ended(server.get(), limit)) {
        // The write-ahead log makes up for it.
        server.get().destroyForcibly();
        Orphans.ended(server.get(), limit);
      }
    }
    if (recorded(data).isPresent() && server(data).isEmpty()) {
      // Another process has got the old server's number: PostgreSQL would take it for the server.
      // Where nobody has, the file stays: it tells PostgreSQL whether a session is still at work.
      Files.deleteIfExists(data.resolve(PID_FILE));
    }
  }

  /** The server that runs on this folder, when one does. */
  static Optional<ProcessHandle> server(Path data) {
    return recorded(data).filter(process -> isServerOf(process, data));
  }

  private static Optional<ProcessHandle> recorded(Path data) {
    try (Stream<String> lines = Files.lines(data.resolve(PID_FILE))) {
      return lines
          .findFirst()
          .flatMap(line -> ProcessHandle.of(Long.parseLong(line.strip())))
          .filter(ProcessHandle::isAlive);
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static boolean isServerOf(ProcessHandle process, Path data) {
    ProcessHandle.Info info = process.info();
    return info.command().map(command -> command.endsWith("/postgres")).orElse(false)
        && info.arguments()
            .map(arguments -> List.of(arguments).contains(data.toString()))
            // Where the system does not tell the arguments, the name must do.
            .orElse(true);
  }
}
