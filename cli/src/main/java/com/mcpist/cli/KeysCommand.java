package com.mcpist.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks after API keys. */
@Command(
    name = "keys",
    description = {
      "Makes API keys for clients, registers and lists them, and ends them.",
      "",
      "A key is made on this machine and shown once. The origins keep its digest and nothing else,"
          + " so nobody can show it a second time."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      KeysCreateCommand.class,
      KeysRegisterCommand.class,
      KeysListCommand.class,
      KeysRevokeCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  mcpist keys create laptop               a key for the operator's own laptop",
      "  mcpist keys create ci --user build --expires 90d",
      "  mcpist keys list",
      "  mcpist keys revoke laptop               it lets nobody in any more, within 5 seconds",
      "  mcpist keys revoke --stdin <found.txt   of a key that was found, name unknown"
    })
final class KeysCommand implements Runnable {
  @Spec private CommandSpec spec;

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  KeysCommand() {}

  /** Without a command: what there is. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }
}
