package com.mcpist.pair.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Who works in a data folder, for whoever finds it locked.
 *
 * @param pid the supervisor's process
 * @param url where the pair answers; empty while it starts
 */
public record RunningPair(long pid, String url) {
  private static final String FILE = "pair";

  /** What the folder says; it may be out of date when nobody has the folder locked. */
  public static Optional<RunningPair> read(Path folder) {
    try {
      List<String> lines = Files.readAllLines(folder.resolve(FILE));
      return lines.size() < 2
          ? Optional.empty()
          : Optional.of(new RunningPair(Long.parseLong(lines.get(0)), lines.get(1)));
    } catch (IOException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  /** Writes it in one step, so that no reader sees half of it. */
  public void write(DataFolder folder) throws PairException {
    Path file = folder.path().resolve(FILE);
    Path written = folder.path().resolve(FILE + ".new");
    try {
      Files.writeString(written, pid + "\n" + url + "\n");
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new PairException("cannot write to " + folder.path() + ": " + e.getMessage(), e);
    }
  }

  /** Removes it. */
  public static void remove(DataFolder folder) {
    try {
      Files.deleteIfExists(folder.path().resolve(FILE));
    } catch (IOException _) {
      // Out of date is harmless: the lock tells.
    }
  }
}
