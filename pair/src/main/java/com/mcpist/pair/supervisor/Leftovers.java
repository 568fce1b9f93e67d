package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.PostgresServer;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.SharedSocket;

/** What runs of a pair whose supervisor has gone. */
public final class Leftovers {
  private static final Duration HOLDER_LIMIT = Duration.ofSeconds(2);

  private Leftovers() {}

  public static boolean run(Path data) {
    return !Orphans.of(DataFolder.releases(data)).isEmpty()
        || PostgresServer.left(DataFolder.postgres(data)).isPresent()
        || SharedSocket.holder(DataFolder.run(data)).isPresent();
  }

  /** Stops it as a supervisor does; the cache is that of PostgreSQL's programs. */
  public static void end(DataFolder folder, Path cache) throws PairException, InterruptedException {
    // Nobody is to go on with what is being stopped.
    Optional<ProcessHandle> holder = SharedSocket.holder(folder.run());
    holder.ifPresent(ProcessHandle::destroy);
    Orphans.end(Orphans.of(folder.releases()));
    if (holder.isPresent() && !AdoptedProcess.ends(holder.get(), HOLDER_LIMIT)) {
      holder.get().destroyForcibly();
      var _ = AdoptedProcess.ends(holder.get(), HOLDER_LIMIT);
    }
    try {
      PostgresServer.stopLeftover(cache, folder);
    } catch (IOException e) {
      throw new PairException(
          "what was left in " + folder.path() + " does not stop: " + e.getMessage(), e);
    }
  }
}
