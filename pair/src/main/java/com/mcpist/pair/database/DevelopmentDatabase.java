package com.mcpist.pair.database;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.DataFolder.RunningPair;
import com.mcpist.pair.data.PairException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The database of a developer's single origin: the same PostgreSQL as a pair's, in a folder of its
 * own, so that trying things out never touches what a pair has saved.
 */
public record DevelopmentDatabase(DataFolder folder, PairDatabase database)
    implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** Starts it in the subfolder "development"; notices are of its deaths and returns. */
  public static DevelopmentDatabase start(
      Path data, Map<String, String> environment, Consumer<String> notices)
      throws PairException, InterruptedException {
    Map<String, String> embedded = new HashMap<>(environment);
    embedded.remove("DATABASE_URL");
    DataFolder folder = DataFolder.open(data.resolve("development"));
    @Nullable PairDatabase database = null;
    try {
      folder.write(new RunningPair(ProcessHandle.current().pid(), ""));
      database = PairDatabase.choose(folder, 1, embedded, notices, _ -> {});
      database.start(START_LIMIT);
      return new DevelopmentDatabase(folder, database);
    } catch (PairException | InterruptedException e) {
      if (database != null) {
        database.stop();
      }
      folder.close();
      throw e;
    }
  }

  /** What the origin is told: DATABASE_URL and what goes with it. */
  public Map<String, String> environment() {
    return database.environment();
  }

  @Override
  public void close() {
    try {
      database.stop();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    folder.close();
  }
}
