package com.mcpist.cli;

import module java.base;

import com.mcpist.cli.alert.AlertsCommand;
import com.mcpist.cli.billing.BillingCommand;
import com.mcpist.cli.clients.KeysCommand;
import com.mcpist.cli.clients.PlansCommand;
import com.mcpist.cli.clients.UsersCommand;
import com.mcpist.cli.connect.ConnectCommand;
import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Hints;
import com.mcpist.cli.help.CompletionCommand;
import com.mcpist.cli.help.HelpCommand;
import com.mcpist.cli.help.HelpText;
import com.mcpist.cli.mount.MountCommand;
import com.mcpist.cli.pair.DataCommands;
import com.mcpist.cli.pair.DrillCommand;
import com.mcpist.cli.pair.ForegroundCommands;
import com.mcpist.cli.pair.LogsCommand;
import com.mcpist.cli.pair.MetricsCommand;
import com.mcpist.cli.pair.PairCommands;
import com.mcpist.cli.release.HistoryCommand;
import com.mcpist.cli.release.RolloutCommand;
import com.mcpist.cli.release.VerifyCommand;
import com.mcpist.cli.secrets.SecretsCommand;
import com.mcpist.cli.service.ServiceCommand;
import com.mcpist.cli.setup.DoctorCommand;
import com.mcpist.cli.setup.Init;
import com.mcpist.cli.status.OriginChange;
import com.mcpist.cli.status.Status;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.image.Registries.ImageException;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.pair.data.PairException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

@Command(
    name = "mcpist",
    description = "Keeps an MCP server available: two origins, one database, one edge.",
    mixinStandardHelpOptions = true,
    version = "mcpist ${mcpist.release:-dev}",
    scope = CommandLine.ScopeType.INHERIT,
    exitCodeList = {"0:done", "1:the check or the action failed", "2:wrong usage or configuration"},
    subcommands = {
      PairCommands.Up.class,
      PairCommands.Down.class,
      Status.class,
      LogsCommand.class,
      MetricsCommand.class,
      OriginChange.Drain.class,
      OriginChange.Undrain.class,
      DrillCommand.class,
      PairCommands.Restart.class,
      ServiceCommand.class,
      RolloutCommand.Deploy.class,
      VerifyCommand.class,
      RolloutCommand.Rollback.class,
      HistoryCommand.class,
      AlertsCommand.class,
      SecretsCommand.class,
      KeysCommand.class,
      PlansCommand.class,
      UsersCommand.class,
      BillingCommand.class,
      DataCommands.BackupCommand.class,
      DataCommands.RestoreCommand.class,
      MountCommand.class,
      ConnectCommand.class,
      DoctorCommand.class,
      Init.class,
      ForegroundCommands.Origin.class,
      ForegroundCommands.Edge.class,
      CompletionCommand.class,
      HelpCommand.class
    },
    footer = {
      "  # Start a pair on this machine, and see how it is:",
      "  mcpist up --detach",
      "  mcpist status",
      "  # Put another MCP server behind it:",
      "  mcpist mount add time -- uvx mcp-server-time",
      "  # Break it, and count what was lost:",
      "  mcpist drill --fault kill",
      "  # Show the help of a command:",
      "  mcpist help keys create"
    })
public final class Main extends CommandGroup {
  @Option(
      names = "--verbose",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Write the cause of an unexpected error into a file.")
  private boolean verbose;

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The commands, not run yet. */
  public static CommandLine commandLine() {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    CommandLine init = Objects.requireNonNull(line.getSubcommands().get("init"));
    Init.addQuestions(init.getCommandSpec());
    HelpText.use(line);
    return line.setCommandName(System.getProperty("mcpist.command", "mcpist"))
        .registerConverter(Duration.class, Main::duration)
        .registerConverter(Strategy.class, Main::strategy)
        .setExecutionExceptionHandler((e, command, _) -> main.told(e, command))
        .setParameterExceptionHandler((e, _) -> wrongUsage(e))
        // Whoever may start a workflow chooses arguments, and must read no file by one.
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** As in mcpist.yml. */
  private static Duration duration(String text) {
    return DeploymentFile.duration(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "must be a duration such as 500ms, 30s, 5m or 1h, not \"" + text + "\""));
  }

  private static Strategy strategy(String text) {
    List<Strategy> all = List.of(Strategy.values());
    List<String> labels = all.stream().map(Strategy::label).toList();
    if (!labels.contains(text)) {
      throw new TypeConversionException(
          "must be one of %s, not \"%s\".%s"
              .formatted(String.join(", ", labels), text, Spelling.hint(text, labels)));
    }
    return all.get(labels.indexOf(text));
  }

  /** What is wrong, what may have been meant, and where the help is. */
  private static int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("mcpist: " + Failure.withoutKeys(String.valueOf(e.getMessage())));
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("`" + command.getCommandSpec().qualifiedName() + " --help` says more.");
    return ExitCode.USAGE;
  }

  /** One line for whatever went wrong, and the exit code. A stack trace is for a file. */
  private int told(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    String message = new Hints(command.getCommandSpec()).in(String.valueOf(e.getMessage()));
    switch (e) {
      case Failure failure -> {
        err.println("mcpist: " + message);
        return failure.code();
      }
      case ConfigException _ -> {
        // A line for each mistake.
        message.lines().forEach(line -> err.println("mcpist: " + line));
        return ExitCode.USAGE;
      }
      case DeployException _,
          PlatformException _,
          ImageException _,
          AdminException _,
          EdgeException _,
          PairException _ ->
          err.println("mcpist: " + Failure.sentence(message));
      case InterruptedException _ -> err.println("mcpist: stopped."); // By Ctrl-C.
      default -> unexpected(e, err);
    }
    return ExitCode.SOFTWARE;
  }

  private void unexpected(Exception e, PrintWriter err) {
    err.println("mcpist: unexpected error: " + reason(e));
    if (!verbose && System.getenv("MCPIST_DEBUG") == null) {
      err.println("mcpist: with --verbose its cause is written into a file.");
      return;
    }
    try {
      Path file = Files.createTempFile("mcpist-", ".log");
      try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
        e.printStackTrace(out);
      }
      err.println("mcpist: its cause is in " + file);
    } catch (IOException _) {
      err.println("mcpist: its cause could not be written to a file.");
    }
  }

  private static String reason(Exception e) {
    return Optional.ofNullable(e.getMessage())
        .flatMap(message -> message.lines().findFirst())
        .orElse("an internal error");
  }
}
