package com.mcpist.cli;

import java.nio.file.Path;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "mcpist",
    description = "Keeps a remote MCP server answering: two origins, one database, one edge.",
    mixinStandardHelpOptions = true,
    versionProvider = Release.class,
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:the check or the action failed", "2:wrong usage or configuration"},
    subcommands = {
      Up.class,
      Down.class,
      Status.class,
      Logs.class,
      Drain.class,
      Undrain.class,
      DrillCommand.class,
      Restart.class,
      DeployCommand.class,
      VerifyCommand.class,
      RollbackCommand.class,
      HistoryCommand.class,
      SecretsCommand.class,
      KeysCommand.class,
      PlansCommand.class,
      UsersCommand.class,
      DoctorCommand.class,
      Init.class,
      OriginCommand.class,
      EdgeCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  mcpist up                                      start a pair on this machine",
      "  mcpist status                                  how it is",
      "  mcpist drain koyeb-primary                     take an origin out for a while",
      "  mcpist drill                                   break it, and see that no call is lost",
      "  mcpist deploy                                  bring a release to both origins",
      "  mcpist keys create laptop                      let a client in",
      "  ENVIRONMENT=development mcpist origin          one origin, for developing"
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Write the cause of an unexpected error to a file.")
  private boolean verbose;

  // picocli sets the fields.
  @SuppressWarnings("NullAway.Init")
  Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    CommandLine init = Objects.requireNonNull(line.getSubcommands().get("init"));
    Init.addQuestions(init.getCommandSpec());
    return line.setExecutionExceptionHandler(new Failures(() -> main.verbose))
        .setParameterExceptionHandler(new WrongUsage())
        // Whoever may start a workflow chooses arguments, and must read no file by one.
        .setExpandAtFiles(false)
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** Without a command: what there is. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }

  /** The folder the caller is in. */
  static Path callersFolder() {
    return Path.of("").toAbsolutePath();
  }
}
