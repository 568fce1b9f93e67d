package com.mcpist.cli;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DevelopmentDatabase;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs one origin in the foreground. */
@Command(
    name = "origin",
    description = {
      "Runs one origin in the foreground; it is configured by environment variables"
          + " (docs/design/processes.md).",
      "",
      "With ENVIRONMENT=development it asks for no secret, and, where DATABASE_URL is not set, a"
          + " PostgreSQL is started for it in the data folder's subfolder \"development\"."
    },
    footer = {
      "",
      "Examples:",
      "  ENVIRONMENT=development mcpist origin",
      "  ENVIRONMENT=development PORT=9000 DATABASE_URL=postgres://… mcpist origin"
    })
final class OriginCommand implements Callable<Integer> {
  private static final String MAIN = "com.mcpist.origin.Main";

  @Mixin private DataOption data = new DataOption();

  @Override
  public Integer call() throws Exception {
    Map<String, String> caller = System.getenv();
    Map<String, String> added = new HashMap<>();
    added.put("RELEASE", caller.getOrDefault("RELEASE", Release.name()));
    boolean development = "development".equals(caller.get("ENVIRONMENT"));
    if (!development || !caller.getOrDefault("DATABASE_URL", "").isEmpty()) {
      return ProgramRun.run(App.folder().resolve("origin"), MAIN, added, () -> {});
    }
    DevelopmentDatabase database = database(caller);
    added.putAll(database.environment());
    try {
      System.err.println("Database: PostgreSQL in " + data.folder().resolve("development"));
      return ProgramRun.run(App.folder().resolve("origin"), MAIN, added, database::close);
    } catch (Exception e) {
      database.close();
      throw e;
    }
  }

  private DevelopmentDatabase database(Map<String, String> caller)
      throws PairException, InterruptedException {
    return DevelopmentDatabase.start(data.folder(), caller, System.err::println);
  }
}
