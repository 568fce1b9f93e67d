package com.mcpist.cli.help;

import module java.base;

import com.mcpist.cli.console.Wrap;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A command's help. picocli's own breaks a line inside of a name or an option, so that neither can
 * be read nor copied.
 */
public record HelpText(CommandSpec command) {
  private static final String INDENT = "  ";

  /** A longer name has a line of its own. */
  private static final int WIDEST_NAME = 26;

  /** What the help has a row for, and what that says. */
  record Row(String name, String text) {}

  /** Lets a command and all below it show this help. */
  public static void use(CommandLine line) {
    line.setHelpSectionKeys(List.of("all"));
    line.setHelpSectionMap(Map.of("all", HelpText::render));
  }

  private static String render(Help help) {
    return new HelpText(help.commandSpec()).text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(Wrap.paragraph(synopsis(), 7)).append('\n');
    for (String paragraph : description()) {
      text.append(paragraph.isEmpty() ? "\n" : Wrap.paragraph(paragraph, 0));
    }
    text.append(section("Arguments", arguments()));
    text.append(section("Options", options()));
    text.append(section("Commands", commands()));
    text.append(examples().isEmpty() ? "" : "\nExamples:\n");
    examples().forEach(line -> text.append(line).append('\n'));
    text.append(section("Exit codes", exitCodes()));
    return text.toString();
  }

  /** The command's name and what must or may follow. */
  String synopsis() {
    StringJoiner words = new StringJoiner(" ").add(command.qualifiedName());
    words.add(command.subcommands().isEmpty() ? "[OPTIONS]" : "COMMAND");
    command.options().stream()
        .filter(OptionSpec::required)
        .forEach(option -> words.add(option.longestName() + "=" + option.paramLabel()));
    command.positionalParameters().forEach(one -> words.add(shown(one)));
    return words.toString();
  }

  private static String shown(ArgSpec argument) {
    String label = argument.paramLabel() + (argument.arity().max() > 1 ? "..." : "");
    return argument.arity().min() == 0 ? "[" + label + "]" : label;
  }

  List<String> description() {
    return Stream.of(command.usageMessage().description()).map(this::named).toList();
  }

  /** As this program was called. */
  private String named(String text) {
    return text.replaceAll("(?<=[` (])mcpist(?= )", command.root().name());
  }

  /** What it does, in a sentence. */
  String summary() {
    String first = description().getFirst();
    int end = first.indexOf(". ");
    return end < 0 ? first : first.substring(0, end + 1);
  }

  List<Row> arguments() {
    return command.positionalParameters().stream().map(one -> row(one.paramLabel(), one)).toList();
  }

  List<Row> options() {
    return command.options().stream().filter(option -> !option.hidden()).map(this::row).toList();
  }

  private Row row(OptionSpec option) {
    boolean brief = option.shortestName().length() == 2;
    String first = brief ? option.shortestName() : "  ";
    String names = first + (brief ? ", " : "  ") + option.longestName();
    return row(option.arity().max() == 0 ? names : names + "=" + option.paramLabel(), option);
  }

  private Row row(String name, ArgSpec argument) {
    return new Row(name, named(String.join(" ", argument.description())));
  }

  /** The commands below it, of which each has a help of its own. */
  List<HelpText> below() {
    return command.subcommands().values().stream()
        .map(line -> new HelpText(line.getCommandSpec()))
        .toList();
  }

  private List<Row> commands() {
    return below().stream().map(one -> new Row(one.command().name(), one.summary())).toList();
  }

  /** Comments and commands, a line each, all indented. */
  List<String> examples() {
    return Stream.of(command.usageMessage().footer()).map(this::named).toList();
  }

  List<Row> exitCodes() {
    return command.usageMessage().exitCodeList().entrySet().stream()
        .map(code -> new Row(code.getKey().strip(), code.getValue()))
        .toList();
  }

  private static String section(String title, List<Row> rows) {
    int width =
        rows.stream()
            .mapToInt(row -> row.name().length())
            .filter(length -> length <= WIDEST_NAME)
            .max()
            .orElse(0);
    int indent = INDENT.length() + width + 2;
    StringBuilder text = new StringBuilder(rows.isEmpty() ? "" : "\n" + title + ":\n");
    for (Row row : rows) {
      text.append(INDENT).append(row.name());
      int blanks = width + 2 - row.name().length();
      text.append(blanks < 2 ? "\n" + " ".repeat(indent) : " ".repeat(blanks));
      text.append(Wrap.paragraph(row.text(), indent));
    }
    return text.toString();
  }
}
