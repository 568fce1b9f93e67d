package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.MountVariables;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.pair.Watchdog;
import com.mcpist.pair.database.PairDatabase.DevelopmentDatabase;
import com.mcpist.pair.process.JvmProgram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs one of the programs in the foreground, as if it had been called itself. */
public final class ForegroundCommands {
  private ForegroundCommands() {}

  @Command(
      name = "origin",
      description = {
        "Runs one origin in the foreground.",
        "",
        "Environment variables configure it (docs/design/processes.md). It mounts the"
            + " servers of mounts.json in the current folder.",
        "",
        "With ENVIRONMENT=development it needs no secret. Without DATABASE_URL it then"
            + " starts a PostgreSQL of its own, in the subfolder development of the data folder."
      },
      footer = {
        "  ENVIRONMENT=development mcpist origin",
        "  ENVIRONMENT=development PORT=9000 mcpist origin"
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
        return ForegroundCommands.run("origin", added, () -> {});
      }
      try (Watchdog _ = Watchdog.start(folder().resolve("development"))) {
        return run(DevelopmentDatabase.start(folder(), caller, System.err::println), added);
      }
    }

    private int run(DevelopmentDatabase database, Map<String, String> added) throws Exception {
      added.putAll(database.environment());
      try {
        System.err.println("Database: PostgreSQL in " + folder().resolve("development"));
        return ForegroundCommands.run("origin", added, database::close);
      } catch (Exception e) {
        database.close();
        throw e;
      }
    }
  }

  @Command(
      name = "edge",
      description = {
        "Runs one edge in the foreground, before MCP servers of your own.",
        "",
        "It listens on 127.0.0.1:8080 (docs/operations/foreign-servers.md). EDGE_CONFIG and"
            + " GATEWAY_SECRET in the environment configure the rest (docs/design/processes.md);"
            + " --origin replaces the origins of EDGE_CONFIG."
      },
      footer = {
        "  mcpist edge --origin http://127.0.0.1:3001/mcp \\",
        "      --origin http://127.0.0.1:3002/mcp"
      })
  public static final class Edge implements Callable<Integer> {
    @Option(
        names = "--origin",
        paramLabel = "URL",
        description = "The address of a copy of the server, the preferred one first.")
    private List<URI> origins = List.of();

    @Override
    public Integer call() throws Exception {
      Map<String, String> caller = System.getenv();
      return run("edge", origins.isEmpty() ? Map.of() : environment(origins, caller), () -> {});
    }

    /** What an edge before these needs; no such server knows a gateway secret. */
    private static Map<String, String> environment(List<URI> origins, Map<String, String> caller)
        throws Failure {
      ObjectNode config = config(caller.getOrDefault("EDGE_CONFIG", "{}"));
      ArrayNode all = config.putArray("origins");
      for (int i = 0; i < origins.size(); i++) {
        URI url = origins.get(i);
        String place = ("" + url.getRawAuthority()).replaceAll("[^A-Za-z0-9.]+", "-");
        String name = ((i + 1) + "-" + place).replaceFirst("(.{63}).*", "$1");
        all.addObject().put("name", name).put("url", "" + url);
      }
      String secret = caller.getOrDefault("GATEWAY_SECRET", UUID.randomUUID().toString());
      return Map.of("EDGE_CONFIG", config.toString(), "GATEWAY_SECRET", secret);
    }

    private static ObjectNode config(String json) throws Failure {
      try {
        return (ObjectNode) JsonMapper.shared().readTree(json);
      } catch (JacksonException | ClassCastException e) {
        throw Failure.usage("EDGE_CONFIG is no JSON object");
      }
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
