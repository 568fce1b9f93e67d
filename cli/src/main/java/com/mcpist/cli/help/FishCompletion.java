package com.mcpist.cli.help;

import module java.base;

import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What fish completes, which picocli has nothing for. */
record FishCompletion(String program, StringBuilder script) {
  static String of(String program, HelpText root) {
    FishCompletion fish = new FishCompletion(program, new StringBuilder());
    fish.add("-f", "");
    fish.command(root, List.of());
    return fish.script.toString();
  }

  /** A command, after the words that name it. */
  private void command(HelpText command, List<String> words) {
    String condition = condition(command, words);
    for (OptionSpec option : command.command().options()) {
      if (!option.hidden()) {
        add(condition + names(option), String.join(" ", option.description()));
      }
    }
    for (ArgSpec argument : command.command().positionalParameters()) {
      String values = values(argument);
      if (!values.isEmpty()) {
        add(condition + values, "");
      }
    }
    for (HelpText below : command.below()) {
      String name = below.command().name();
      add(condition + " -a " + name, below.summary());
      command(below, Stream.concat(words.stream(), Stream.of(name)).toList());
    }
  }

  private static String condition(HelpText command, List<String> words) {
    String seen = "__fish_seen_subcommand_from ";
    List<String> conditions = new ArrayList<>(words.stream().map(word -> seen + word).toList());
    if (!command.below().isEmpty()) {
      conditions.add(
          "not "
              + seen
              + command.below().stream()
                  .map(below -> below.command().name())
                  .collect(Collectors.joining(" ")));
    }
    return "-n '" + String.join("; and ", conditions) + "'";
  }

  private static String names(OptionSpec option) {
    String names =
        Stream.of(option.names())
            .map(
                name ->
                    name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.charAt(1))
            .collect(Collectors.joining());
    if (option.arity().max() == 0) {
      return names;
    }
    return names + (option.type() == Path.class ? " -r" : " -x") + values(option);
  }

  /** Files, or what there is to choose from. */
  private static String values(ArgSpec argument) {
    if (argument.type() == Path.class) {
      return " -F";
    }
    return argument.completionCandidates() == null
        ? ""
        : " -a '" + String.join(" ", argument.completionCandidates()) + "'";
  }

  private void add(String what, String description) {
    script.append("complete -c ").append(program).append(' ').append(what);
    if (!description.isEmpty()) {
      script
          .append(" -d '")
          .append(description.replace("\\", "\\\\").replace("'", "\\'"))
          .append('\'');
    }
    script.append('\n');
  }
}
