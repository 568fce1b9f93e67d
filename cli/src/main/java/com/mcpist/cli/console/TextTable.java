package com.mcpist.cli.console;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Rows of words, one column below the other, two spaces between them. */
public final class TextTable {
  /** In the time of this machine. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  /** How a cell is shown, which changes nothing of its width. */
  public interface Style {
    String apply(int column, String padded);
  }

  private TextTable() {}

  /** Each item is a row. */
  public static <T> String render(
      List<String> head, List<T> items, Function<T, List<String>> cells) {
    return render(head, items, cells, head.size(), (_, cell) -> cell);
  }

  /** The same, where the first cell of each row is a sign. */
  public static <T> String signed(
      List<String> head, List<T> items, Function<T, List<String>> cells, Terminal terminal) {
    return render(
        head,
        items,
        cells,
        head.size(),
        (column, cell) -> column == 0 ? terminal.colouredSign(cell) : cell);
  }

  /**
   * The same, in a style.
   *
   * @param left how many columns are aligned to the left; the others, of numbers, to the right
   */
  public static <T> String render(
      List<String> head, List<T> items, Function<T, List<String>> cells, int left, Style style) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(head);
    items.forEach(item -> rows.add(cells.apply(item)));
    int[] widths = new int[head.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - row.get(i).length());
        String padded = i < left ? row.get(i) + padding : padding + row.get(i);
        line.append(style.apply(i, padded)).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** A moment as a person reads it. */
  public static String moment(Optional<Instant> at) {
    return at.map(TIME::format).orElse("-");
  }

  /** A dash where there is nothing. */
  public static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }
}
