package com.mcpist.origin.status;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How an origin was in a row of cells of equal length, of which the last is the one that is now.
 * The percentage that it was not unhealthy is of the time that is known; null where none is.
 */
record Strip(List<Cell> cells, @Nullable String percent, int outages) {
  /** Of the drawing: a cell and the gap beside it, and the heights of cells. */
  private static final int WIDTH = 4;

  private static final int HEIGHT = 24;

  enum Cell {
    /** Nothing is known of it. */
    UNKNOWN(4),
    HEALTHY(16),
    /** At some time in it. */
    UNHEALTHY(HEIGHT);

    private final int height;

    Cell(int height) {
      this.height = height;
    }
  }

  /** Nothing is known before the first event. */
  static Strip of(
      List<History.Outage> outages,
      @Nullable Instant first,
      Instant now,
      Duration cell,
      int cells) {
    long millis = cell.toMillis();
    Instant end = Instant.ofEpochMilli((now.toEpochMilli() / millis + 1) * millis);
    Instant begin = end.minus(cell.multipliedBy(cells));
    if (first == null || !first.isBefore(now)) {
      return new Strip(Collections.nCopies(cells, Cell.UNKNOWN), null, 0);
    }
    Instant known = first.isAfter(begin) ? first : begin;
    List<History.Outage> seen = outages.stream().filter(o -> o.to().isAfter(known)).toList();
    long down = seen.stream().mapToLong(o -> within(o, known, now)).sum();
    List<Cell> drawn =
        IntStream.range(0, cells)
            .mapToObj(i -> begin.plus(cell.multipliedBy(i)))
            .map(from -> cell(seen, known, from, from.plus(cell)))
            .toList();
    return new Strip(drawn, percent(down, Duration.between(known, now).toMillis()), seen.size());
  }

  private static Cell cell(List<History.Outage> outages, Instant known, Instant from, Instant to) {
    if (outages.stream().anyMatch(o -> o.from().isBefore(to) && o.to().isAfter(from))) {
      return Cell.UNHEALTHY;
    }
    return to.isAfter(known) ? Cell.HEALTHY : Cell.UNKNOWN;
  }

  private static long within(History.Outage outage, Instant from, Instant to) {
    long begin = Math.max(outage.from().toEpochMilli(), from.toEpochMilli());
    return Math.max(0, Math.min(outage.to().toEpochMilli(), to.toEpochMilli()) - begin);
  }

  /** Rounded down: what was away for a moment has not 100. */
  private static String percent(long down, long all) {
    return BigDecimal.valueOf(100L * Math.max(0, all - down))
        .divide(BigDecimal.valueOf(Math.max(1, all)), 2, RoundingMode.DOWN)
        .stripTrailingZeros()
        .toPlainString();
  }

  /** An outage stands out above, and what is not known is low: not by its colour alone. */
  Html svg(String labelledBy) {
    return Html.of(
        "<svg viewBox=\"0 0 %s %s\" preserveAspectRatio=\"none\" role=\"img\""
            + " aria-labelledby=\"%s\">%s%s%s</svg>",
        cells.size() * WIDTH - 1,
        HEIGHT,
        labelledBy,
        path("unknown", Cell.UNKNOWN),
        path("ok", Cell.HEALTHY),
        path("bad", Cell.UNHEALTHY));
  }

  private Html path(String name, Cell of) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      if (cells.get(i) == of) {
        path.append('M').append(i * WIDTH).append(' ').append(HEIGHT - of.height);
        path.append("h3v").append(of.height).append("h-3z");
      }
    }
    return path.isEmpty() ? Html.NONE : Html.of("<path class=\"%s\" d=\"%s\"/>", name, path);
  }
}
