package com.mcpist.cli.help;

import module java.base;

import com.mcpist.cli.help.HelpText.Row;

/** All commands as one page in roff, for section 1 of the manual. */
final class ManPage {
  private final StringBuilder page = new StringBuilder();

  private ManPage() {}

  static String of(HelpText root) {
    ManPage man = new ManPage();
    String name = root.command().name();
    man.line(".TH %s 1 \"\" \"%s\"".formatted(name.toUpperCase(Locale.ROOT), version(root)));
    // Nothing is hyphenated, and no blanks are added.
    man.line(".nh");
    man.line(".ad l");
    man.section("NAME");
    man.text(name + " - " + uncapitalized(root.summary()).replaceFirst("[.]$", ""));
    man.section("SYNOPSIS");
    man.text(root.synopsis());
    man.section("OPTIONS");
    man.text("Every command has these.");
    man.rows(root.options());
    man.section("COMMANDS");
    root.below().forEach(command -> man.command(command, root.options()));
    man.section("EXIT STATUS");
    man.rows(root.exitCodes());
    man.section("EXAMPLES");
    man.example(root.examples());
    return man.page.toString();
  }

  private static String uncapitalized(String text) {
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private static String version(HelpText root) {
    return String.join(" ", root.command().version());
  }

  private void command(HelpText command, List<Row> common) {
    line(".SS " + escaped(command.synopsis()));
    paragraphs(command.description());
    rows(command.arguments());
    List<Row> options = new ArrayList<>(command.options());
    options.removeAll(common);
    rows(options);
    if (!command.examples().isEmpty()) {
      example(command.examples());
    }
    command.below().forEach(below -> command(below, common));
  }

  private void section(String title) {
    line(".SH " + title);
  }

  private void paragraphs(List<String> paragraphs) {
    for (String paragraph : paragraphs) {
      if (paragraph.isEmpty()) {
        line(".PP");
      } else {
        text(paragraph);
      }
    }
  }

  private void rows(List<Row> rows) {
    for (Row row : rows) {
      line(".TP");
      line(".B " + escaped(row.name().strip()));
      text(row.text());
    }
  }

  private void example(List<String> lines) {
    line(".PP");
    line(".EX");
    lines.forEach(this::text);
    line(".EE");
  }

  private void text(String text) {
    line(escaped(text));
  }

  private void line(String line) {
    page.append(line).append('\n');
  }

  /** What roff would take for something else. */
  private static String escaped(String text) {
    String plain =
        text.replace("\\", "\\e")
            .replace("-", "\\-")
            .replace("`", "\\(ga")
            .replace("'", "\\(aq")
            .replace("\"", "\\(dq")
            .replace("^", "\\(ha")
            .replace("~", "\\(ti");
    return plain.startsWith(".") ? "\\&" + plain : plain;
  }
}
