package com.mcpist.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks after secrets. */
@Command(
    name = "secrets",
    description = {
      "Brings secrets from their one source to everybody who needs them, compares what runs with"
          + " it, and rotates them without a call that fails.",
      "",
      "The source is GitHub's secrets: their values are variables of the environment of these"
          + " commands in a workflow, and nowhere else. mcpist.yml says where each goes. The pair"
          + " on this machine makes its own, and has no others."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SecretsSyncCommand.class, SecretsCheckCommand.class, SecretsRotateCommand.class},
    footer = {
      "",
      "Examples:",
      "  mcpist secrets check                    who runs with another value than the source has",
      "  mcpist secrets sync                     bring everybody the source's values",
      "  mcpist secrets rotate GATEWAY_SECRET    replace it while clients call"
    })
final class SecretsCommand implements Runnable {
  @Spec private CommandSpec spec;

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  SecretsCommand() {}

  /** Without a command: what there is. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }
}
