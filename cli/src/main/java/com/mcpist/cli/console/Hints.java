package com.mcpist.cli.console;

import module java.base;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What a command says to run next, which is about the same pair: as it was called itself, and with
 * the options by which it was told the pair.
 */
public record Hints(CommandSpec command) {
  private static final Pattern HINT = Pattern.compile("`mcpist ([^`]+)`");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._@%+=:,/-]+");
  private static final List<String> OF_PAIR = List.of("--local", "--data");

  /** The text, in which commands in backticks can be pasted. */
  public String in(String text) {
    return HINT.matcher(text)
        .replaceAll(hint -> Matcher.quoteReplacement("`" + pasted(hint.group(1)) + "`"));
  }

  private String pasted(String words) {
    StringBuilder line = new StringBuilder(command.root().name()).append(' ').append(words);
    CommandSpec named = named(words);
    for (String option : OF_PAIR) {
      if (named.findOption(option) != null && !words.contains(option)) {
        line.append(given(option));
      }
    }
    return line.toString();
  }

  private CommandSpec named(String words) {
    CommandSpec found = command.root();
    for (String word : words.split(" ", -1)) {
      CommandLine next = found.subcommands().get(word);
      if (next == null) {
        break;
      }
      found = next.getCommandSpec();
    }
    return found;
  }

  private String given(String name) {
    OptionSpec option = command.findOption(name);
    return switch (option == null ? null : option.<Object>getValue()) {
      case Path path -> " " + name + " " + word(path.toString());
      case Boolean told when told -> " " + name;
      case null, default -> "";
    };
  }

  /** A word as a shell takes it. */
  public static String word(String text) {
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
