package com.mcpist.cli.help;

import module java.base;

import com.mcpist.cli.console.Failure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "help",
    description = "Shows the help of a command, as --help does.",
    footer = {"  mcpist help", "  mcpist help keys create", "  mcpist help --man | man -l -"})
public final class HelpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--man", description = "Print a man page of all commands, in roff.")
  private boolean man;

  @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command; all, if none.")
  private List<String> names = List.of();

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  HelpCommand() {}

  @Override
  public Integer call() throws Failure {
    CommandLine line = spec.root().commandLine();
    for (String name : names) {
      CommandLine next = line.getSubcommands().get(name);
      if (next == null) {
        throw line.getSubcommands().isEmpty()
            ? Failure.usage(line.getCommandSpec().qualifiedName() + " has no commands.")
            : Failure.unknown("there is no command", name, line.getSubcommands().keySet());
      }
      line = next;
    }
    if (man) {
      spec.commandLine().getOut().print(ManPage.of(new HelpText(spec.root())));
    } else {
      line.usage(spec.commandLine().getOut());
    }
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}
