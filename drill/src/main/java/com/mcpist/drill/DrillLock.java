package com.mcpist.drill;

import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One drill at a time on a pair: each removes the other's rows. */
final class DrillLock implements AutoCloseable {
  private final FileChannel channel;

  private DrillLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes it.
   *
   * @param data the data folder of a pair that is up
   * @throws PairException where another drill has it
   */
  static DrillLock take(Path data) throws PairException {
    Path file = data.resolve("run").resolve("drill.lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      DrillLock lock = new DrillLock(channel);
      if (!lock.isMine()) {
        lock.close();
        throw new PairException("another drill is at work on the pair in " + data);
      }
      return lock;
    } catch (IOException e) {
      throw new PairException(file + " cannot be locked: " + e.getMessage(), e);
    }
  }

  private boolean isMine() throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      return false; // Another drill of this very process.
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // The lock ends with the process at the latest.
    }
  }
}
