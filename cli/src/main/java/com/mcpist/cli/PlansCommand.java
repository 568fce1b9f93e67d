package com.mcpist.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks after plans. */
@Command(
    name = "plans",
    description = {
      "Shows and sets plans: how many calls a user may make in a minute, and at the same time, and"
          + " how much a user may store. Who has none has the plan standard.",
      "",
      "Each origin counts calls for itself; what is stored, the database counts."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PlansListCommand.class, PlansSetCommand.class},
    footer = {
      "",
      "Examples:",
      "  mcpist plans list",
      "  mcpist plans set team --calls-per-minute 1200 --calls-at-once 100",
      "  mcpist users set alice --plan team"
    })
final class PlansCommand implements Runnable {
  @Spec private CommandSpec spec;

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  PlansCommand() {}

  /** Without a command: what there is. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }
}
