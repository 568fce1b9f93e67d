package com.mcpist.cli;

import java.util.List;

/** Rows of words, one column below the other, two spaces between them. */
final class TextTable {
  /** How a cell is shown, which changes nothing of its width. */
  interface Style {
    String apply(int column, String padded);
  }

  private TextTable() {}

  /**
   * Lays the rows out.
   *
   * @param left how many columns are aligned to the left; the others, of numbers, to the right
   */
  static String render(List<List<String>> rows, int left, Style style) {
    int[] widths = new int[rows.getFirst().size()];
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
}
