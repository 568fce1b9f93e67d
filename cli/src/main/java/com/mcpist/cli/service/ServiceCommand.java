package com.mcpist.cli.service;

import module java.base;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.site.MountVariables;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.pair.data.KeptVariables;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.supervisor.PairOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

@Command(
    name = "service",
    description = "Starts the pair at boot: by systemd's user services, or by launchd on macOS.",
    subcommands = {
      ServiceCommand.Install.class,
      ServiceCommand.Uninstall.class,
      ServiceCommand.Show.class
    },
    footer = {"  mcpist service install", "  mcpist service status", "  mcpist service uninstall"})
public final class ServiceCommand extends CommandGroup {
  /** The same as `up` without an option. */
  private static final int PORT = 8080;

  @Command(
      name = "install",
      description = {
        "Starts the pair now and at each boot, as `up` in the current folder would, with its"
            + " mcpist.yml and mounts.json. `mcpist down` stops it until the next boot.",
        "",
        "A supervisor that is killed is started again, and takes over what serves. The service"
            + " runs the last good build, and does not build.",
        "",
        "DATABASE_URL, and the variables to which mcpist.yml and mounts.json refer, are kept in"
            + " variables.json in the data folder, where only its owner may read."
      },
      footer = {"  mcpist service install", "  mcpist service install --port 9090 --data ~/notes"})
  static final class Install extends PairCommand {
    @Option(
        names = "--port",
        paramLabel = "PORT",
        defaultValue = "" + PORT,
        description = "Where clients connect (default: ${DEFAULT-VALUE}).")
    private int port;

    @Override
    public Integer call() throws Exception {
      Failure.unlessBetween("--port", port, 1, 65_535);
      Deployment deployment = App.deployment();
      var _ = MountVariables.here(deployment.mounts(), folder());
      Manager manager = manager(App.launcher(), folder(), port);
      manager.check();
      keepVariables(deployment);
      Files.createDirectories(manager.file().resolveSibling(""));
      Files.writeString(manager.file(), manager.text());
      boolean running = pair().isRunning() || pair().isAlone();
      manager.enable(!running);
      Output.print(told(manager, running));
      return ExitCode.OK;
    }

    private void keepVariables(Deployment deployment) throws PairException {
      Map<String, String> variables = PairOptions.variables(deployment, System.getenv());
      if (!variables.isEmpty()) {
        KeptVariables kept = new KeptVariables(folder());
        kept.keep(variables);
        Output.print(String.join(", ", variables.keySet()) + ": " + kept.told() + "\n");
      }
    }

    private String told(Manager manager, boolean running) throws Exception {
      StringBuilder told = new StringBuilder("Installed: " + manager.file() + "\n");
      told.append(
          running
              ? "A pair runs already in %s. So that the service has it: `mcpist down`, then `%s`.\n"
                  .formatted(folder(), manager.start())
              : "The pair in %s is up, at http://127.0.0.1:%s/mcp\n".formatted(folder(), port));
      String problem = manager.problem();
      return problem.isEmpty() ? told.toString() : told + problem + "\n";
    }
  }

  @Command(
      name = "uninstall",
      description = {
        "Stops the pair, and starts it no more at boot; what was saved stays.",
        "",
        "The DATABASE_URL that `install` has kept is forgotten."
      },
      footer = {"  mcpist service uninstall", "  mcpist service uninstall --data ~/notes"})
  static final class Uninstall extends PairCommand {
    @Override
    public Integer call() throws Exception {
      Manager manager = manager(folder());
      if (!Files.exists(manager.file())) {
        throw Failure.failed("no service is installed for the pair in " + folder());
      }
      manager.disable();
      var _ = pair().stop(); // One that the service does not have, too.
      new KeptVariables(folder()).forget(PairOptions.DATABASE);
      Output.print("Uninstalled. The data stays in " + folder() + "\n");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "status",
      description = {
        "Tells whether the pair starts at boot, and whether the service has it now.",
        "",
        "Exit code 1: it is not installed, or not active."
      },
      footer = {"  mcpist service status"})
  static final class Show extends PairCommand {
    @Override
    public Integer call() throws Exception {
      Manager manager = manager(folder());
      if (!Files.exists(manager.file())) {
        throw Failure.failed(
            "no service is installed for the pair in "
                + folder()
                + ": `mcpist service install` does it.");
      }
      boolean active = manager.isActive();
      Output.print(
          manager.file()
              + (active ? " is active.\n" : " is not active: `" + manager.start() + "`.\n"));
      String problem = manager.problem();
      Output.print(problem.isEmpty() ? "" : problem + "\n");
      return active ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  /** Until the next boot nobody starts the pair of that folder but `up`. */
  public static void stop(Path data) throws InterruptedException {
    Manager manager = manager(data);
    if (Files.exists(manager.file())) {
      manager.stop();
    }
  }

  /** For what is told of it by its name. */
  private static Manager manager(Path data) {
    return manager(Path.of("mcpist"), data, PORT);
  }

  private static Manager manager(Path launcher, Path data, int port) {
    Map<String, String> environment = System.getenv();
    return Manager.of(
        Service.of(launcher, App.callersFolder(), data, port, environment), environment);
  }
}
