package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.MountVariables;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.pair.database.PairDatabase.DevelopmentDatabase;
import com.mcpist.pair.process.JvmProgram;
import picocli.CommandLine.Command;

/** Runs one of the programs in the foreground, as if it had been called itself. */
public final class ForegroundCommands {
  private ForegroundCommands() {}

  @Command(
      name = "origin",
      description = {
        "Runs one origin in the foreground; it is configured by environment variables"
            + " (docs/design/processes.md), and mounts what mounts.json in the current folder has.",
        "",
        "With ENVIRONMENT=development it asks for no secret, and, where DATABASE_URL is not set, a"
            + " PostgreSQL is started for it in the data folder's subfolder \"development\"."
      },
      footer = {
        "  ENVIRONMENT=development mcpist origin",
        "  ENVIRONMENT=development PORT=9000 DATABASE_URL=postgres://… mcpist origin"
      })
  public static final class Origin extends PairCommand {
    @Override
    public Integer call() throws Exception {
      Map<String, String> caller = System.getenv();
      Map<String, String> added = new HashMap<>();
      added.put("RELEASE", caller.getOrDefault("RELEASE", App.release()));
      if (!caller.containsKey(Mounts.VARIABLE)) {
        Mounts mounts = Mounts.read(App.callersFolder().resolve(Mounts.NAME));
        added.putAll(mounts.env());
        added.putAll(MountVariables.here(mounts, folder()));
      }
      boolean development = "development".equals(caller.get("ENVIRONMENT"));
      if (!development || !caller.getOrDefault("DATABASE_URL", "").isEmpty()) {
        return run("origin", added, () -> {});
      }
      DevelopmentDatabase database =
          DevelopmentDatabase.start(folder(), caller, System.err::println);
      added.putAll(database.environment());
      try {
        System.err.println("Database: PostgreSQL in " + folder().resolve("development"));
        return run("origin", added, database::close);
      } catch (Exception e) {
        database.close();
        throw e;
      }
    }
  }

  @Command(
      name = "edge",
      description =
          "Runs one edge in the foreground, before origins of your own; it is configured by"
              + " environment variables (docs/design/processes.md).",
      footer = {
        "  EDGE_CONFIG='{\"port\": 8080, \"origins\": [{\"name\": \"one\", \"url\":"
            + " \"http://127.0.0.1:8000\"}]}' GATEWAY_SECRET=… mcpist edge"
      })
  public static final class Edge implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      return run("edge", Map.of(), () -> {});
    }
  }

  /** Runs it to its end, and then what comes afterwards; a signal stops the program first. */
  private static int run(String program, Map<String, String> added, Runnable afterwards)
      throws Failure, IOException, InterruptedException {
    String main = "com.mcpist." + program + ".Main";
    ProcessBuilder builder =
        new ProcessBuilder(JvmProgram.command(App.folder().resolve(program), main, List.of()))
            .inheritIO();
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
