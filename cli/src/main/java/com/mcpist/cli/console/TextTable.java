package com.mcpist.cli.console;

import module java.base;

import org.jspecify.annotations.Nullable;

/**
 * Rows of words, one for each item, in columns with two spaces between them. A table that is too
 * wide for {@link Wrap#COLUMNS} breaks the texts in it at blanks, and where that is not enough has
 * a line for each value.
 */
public record TextTable<T>(List<T> items, List<Column<T>> columns) {
  private static final String GAP = "  ";

  private static final DateTimeFormatter TIME = pattern("yyyy-MM-dd HH:mm:ss");
  private static final DateTimeFormatter MINUTE = pattern("yyyy-MM-dd HH:mm");
  private static final DateTimeFormatter RECENT = pattern("MM-dd HH:mm:ss");
  private static final DateTimeFormatter DAY = pattern("yyyy-MM-dd");

  private enum Kind {
    VALUE,
    NUMBER,
    TEXT
  }

  record Column<T>(String head, Function<T, ?> value, Kind kind, UnaryOperator<String> style) {
    private String padded(String text, int width) {
      String padding = " ".repeat(width - text.length());
      return kind == Kind.NUMBER ? padding + text : text + padding;
    }

    private String cell(T item) {
      return String.valueOf(value.apply(item));
    }

    private int natural(List<T> items) {
      int widest = items.stream().mapToInt(item -> cell(item).length()).max().orElse(0);
      return Math.max(widest, head.length());
    }

    /** What it cannot be narrower than. */
    private int least(List<T> items) {
      if (kind != Kind.TEXT) {
        return natural(items);
      }
      int widest =
          items.stream()
              .flatMap(item -> Wrap.words(cell(item)).stream())
              .mapToInt(String::length)
              .max()
              .orElse(0);
      return Math.max(widest, head.length());
    }

    private List<String> lines(T item, int width) {
      return kind == Kind.TEXT ? Wrap.lines(cell(item), width) : List.of(cell(item));
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
    return add(head, value, Kind.VALUE, style);
  }

  /** Words, which may be in several lines. */
  public TextTable<T> text(String head, Function<T, ?> value) {
    return add(head, value, Kind.TEXT, UnaryOperator.identity());
  }

  public TextTable<T> number(String head, Function<T, ?> value) {
    return number(head, value, UnaryOperator.identity());
  }

  /** As {@link #column(String, Function, UnaryOperator)}, and aligned to the right. */
  public TextTable<T> number(String head, Function<T, ?> value, UnaryOperator<String> style) {
    return add(head, value, Kind.NUMBER, style);
  }

  public TextTable<T> sign(Predicate<T> good, Terminal terminal) {
    return column("", item -> terminal.sign(good.test(item)), terminal::colouredSign);
  }

  private TextTable<T> add(
      String head, Function<T, ?> value, Kind kind, UnaryOperator<String> style) {
    columns.add(new Column<>(head, value, kind, style));
    return this;
  }

  public String render() {
    return widths().map(this::rows).orElseGet(this::records);
  }

  /** The widest text gives way first; empty where no text can. */
  private Optional<int[]> widths() {
    int[] widths = columns.stream().mapToInt(column -> column.natural(items)).toArray();
    int[] least = columns.stream().mapToInt(column -> column.least(items)).toArray();
    int most = Wrap.COLUMNS - GAP.length() * (widths.length - 1);
    while (IntStream.of(widths).sum() > most) {
      OptionalInt widest =
          IntStream.range(0, widths.length)
              .filter(i -> widths[i] > least[i])
              .reduce((one, other) -> widths[other] > widths[one] ? other : one);
      if (widest.isEmpty()) {
        return Optional.empty();
      }
      widths[widest.getAsInt()]--;
    }
    return Optional.of(widths);
  }

  private String rows(int[] widths) {
    StringBuilder text = new StringBuilder();
    append(text, i -> List.of(columns.get(i).head()), widths, (_, cell) -> cell);
    for (T item : items) {
      append(
          text,
          i -> columns.get(i).lines(item, widths[i]),
          widths,
          (i, cell) -> columns.get(i).style().apply(cell));
    }
    return text.toString();
  }

  /** Appends a row, which has as many lines as its longest cell. */
  private void append(
      StringBuilder text,
      IntFunction<List<String>> cell,
      int[] widths,
      BiFunction<Integer, String, String> style) {
    List<List<String>> cells = IntStream.range(0, widths.length).mapToObj(cell).toList();
    int height = cells.stream().mapToInt(List::size).max().orElse(0);
    for (int line = 0; line < height; line++) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String part = line < cells.get(i).size() ? cells.get(i).get(line) : "";
        String padded = columns.get(i).padded(part, widths[i]);
        row.append(part.isEmpty() ? padded : style.apply(i, padded)).append(GAP);
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
  }

  /** A line for each value, and an empty one between two items. */
  private String records() {
    int width = columns.stream().mapToInt(column -> column.head().length()).max().orElse(0);
    return items.stream().map(item -> record(item, width)).collect(Collectors.joining("\n"));
  }

  private String record(T item, int width) {
    StringBuilder text = new StringBuilder();
    for (Column<T> column : columns) {
      String cell = column.cell(item);
      if (!cell.isEmpty()) {
        String head = column.head() + " ".repeat(width - column.head().length()) + GAP;
        String lines = Wrap.paragraph(cell, head.length());
        text.append(head).append(column.kind() == Kind.TEXT ? lines : column.style().apply(cell));
        text.append(column.kind() == Kind.TEXT ? "" : "\n");
      }
    }
    return text.toString();
  }

  private static DateTimeFormatter pattern(String text) {
    return DateTimeFormatter.ofPattern(text, Locale.ROOT);
  }

  public static String moment(Optional<Instant> at) {
    return local(at, TIME);
  }

  public static String minute(Optional<Instant> at) {
    return local(at, MINUTE);
  }

  /** Without the year, of what is not kept for one. */
  public static String recent(Optional<Instant> at) {
    return local(at, RECENT);
  }

  public static String day(Optional<Instant> at) {
    return local(at, DAY);
  }

  /** In the time of this machine. */
  private static String local(Optional<Instant> at, DateTimeFormatter form) {
    return at.map(moment -> form.format(moment.atZone(ZoneId.systemDefault()))).orElse("-");
  }

  public static String orDash(@Nullable Object value) {
    return value == null || value.equals("") ? "-" : value.toString();
  }
}
