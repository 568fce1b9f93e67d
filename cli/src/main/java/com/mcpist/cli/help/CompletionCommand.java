package com.mcpist.cli.help;

import module java.base;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Prints what lets a shell complete commands and options.",
      "",
      "Bash and zsh read it at their start, from ~/.bashrc or ~/.zshrc; fish loads it from a file."
    },
    footer = {
      "  # In ~/.bashrc:",
      "  source <(mcpist completion bash)",
      "  # In ~/.zshrc:",
      "  source <(mcpist completion zsh)",
      "  # For fish, once:",
      "  mcpist completion fish >~/.config/fish/completions/mcpist.fish"
    })
public final class CompletionCommand implements Callable<Integer> {
  private static final String PROGRAM = "mcpist";

  enum Shell {
    BASH,
    ZSH,
    FISH;

    /** As it is written, and completed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  private Shell shell = Shell.BASH;

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  CompletionCommand() {}

  @Override
  public Integer call() {
    CommandSpec root = spec.root();
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (shell) {
          // It loads what zsh has for bash's way of completing.
          case BASH, ZSH -> AutoComplete.bash(PROGRAM, root.commandLine());
          case FISH -> FishCompletion.of(PROGRAM, new HelpText(root));
        });
    out.flush();
    return ExitCode.OK;
  }
}
