package com.mcpist.cli.console;

import module java.base;

import org.jspecify.annotations.Nullable;

/** Rows of words, one for each item, in columns with two spaces between them. */
public record TextTable<T>(List<T> items, List<Column<T>> columns) {
  /** In the time of this machine. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  record Column<T>(String head, Function<T, ?> value, boolean number, UnaryOperator<String> style) {
    String cell(String text, int width) {
      String padding = " ".repeat(width - text.length());
      return number ? padding + text : text + padding;
    }
  }

  public TextTable(List<T> items) {
    this(items, new ArrayList<>());
  }

  public TextTable<T> column(String head, Function<T, ?> value) {
    return column(head, value, UnaryOperator.identity());
  }

  /** A style shows a padded cell, and changes nothing of its width. */
  public TextTable<T> column(String head, Function<T, ?> value, UnaryOperator<String> style) {
    columns.add(new Column<>(head, value, false, style));
    return this;
  }

  public TextTable<T> number(String head, Function<T, ?> value) {
    return number(head, value, UnaryOperator.identity());
  }

  /** As {@link #column(String, Function, UnaryOperator)}, and aligned to the right. */
  public TextTable<T> number(String head, Function<T, ?> value, UnaryOperator<String> style) {
    columns.add(new Column<>(head, value, true, style));
    return this;
  }

  public TextTable<T> sign(Predicate<T> good, Terminal terminal) {
    return column("", item -> terminal.sign(good.test(item)), terminal::colouredSign);
  }

  public String render() {
    List<StringBuilder> lines = new ArrayList<>();
    lines.add(new StringBuilder());
    items.forEach(_ -> lines.add(new StringBuilder()));
    for (Column<T> column : columns) {
      List<String> cells = items.stream().map(column.value()).map(String::valueOf).toList();
      int widest = cells.stream().mapToInt(String::length).max().orElse(0);
      int width = Math.max(widest, column.head().length());
      lines.getFirst().append(column.cell(column.head(), width)).append("  ");
      for (int i = 0; i < cells.size(); i++) {
        String cell = column.style().apply(column.cell(cells.get(i), width));
        lines.get(i + 1).append(cell).append("  ");
      }
    }
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line.toString().stripTrailing()).append('\n'));
    return text.toString();
  }

  public static String moment(Optional<Instant> at) {
    return at.map(TIME::format).orElse("-");
  }

  public static String orDash(@Nullable Object value) {
    return value == null || value.equals("") ? "-" : value.toString();
  }
}
