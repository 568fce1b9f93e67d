package com.mcpist.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks after users. */
@Command(
    name = "users",
    description = {
      "Gives users plans, and shows who has stored how much. A user is whom a key was made for, or"
          + " what a token has as sub: there is nothing to be made beforehand."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {UsersListCommand.class, UsersSetCommand.class},
    footer = {"", "Examples:", "  mcpist users list", "  mcpist users set alice --plan team"})
final class UsersCommand implements Runnable {
  @Spec private CommandSpec spec;

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  UsersCommand() {}

  /** Without a command: what there is. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }
}
