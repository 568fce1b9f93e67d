package com.mcpist.e2e.history;

import com.mcpist.e2e.history.History.Effect;
import com.mcpist.e2e.history.History.Sending;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A history as lines for a reader, in the order of time. */
final class Report {
  private static final int LONGEST_TEXT = 160;

  private Report() {}

  private record Line(long at, String text) {}

  /** The violations, and the timeline. */
  static String of(History history, List<Rules.Violation> violations) {
    StringBuilder text = new StringBuilder();
    Schedule schedule = history.schedule();
    text.append("seed ").append(schedule.seed()).append(", ").append(schedule.family());
    violations.forEach(
        v ->
            text.append("\n  violated: ")
                .append(v.rule())
                .append(", call ")
                .append(v.callId())
                .append(": ")
                .append(shortened(v.text())));
    for (Line line : lines(history)) {
      String time =
          line.at == History.NEVER
              ? "   -.---"
              : String.format(Locale.ROOT, "%8.3f", line.at / 1e3);
      text.append("\n  ").append(time).append("  ").append(line.text);
    }
    return text.toString();
  }

  private static List<Line> lines(History history) {
    List<Line> lines = new ArrayList<>();
    history.notes().forEach(n -> lines.add(new Line(n.at(), "* " + n.text())));
    for (Sending s : history.sendings()) {
      String call = call(s);
      lines.add(new Line(s.sentAt(), call + ": sent"));
      lines.add(new Line(s.endedAt(), call + ": " + s.outcome() + " " + s.token() + detail(s)));
    }
    for (Effect e : history.effects()) {
      lines.add(new Line(e.at(), e.callId() + ": effect " + e.token() + " in " + e.server()));
      if (e.answeredAt() != History.NEVER) {
        lines.add(new Line(e.answeredAt(), e.callId() + ": answered by " + e.server()));
      }
    }
    history
        .deaths()
        .forEach(
            d ->
                lines.add(
                    new Line(
                        d.at(),
                        d.callId().isEmpty()
                            ? "* " + d.origin() + " has ended by itself"
                            : d.callId() + ": kills " + d.origin())));
    lines.sort(Comparator.comparingLong(Line::at));
    return lines;
  }

  private static String call(Sending s) {
    Call call = s.call();
    String key = s.key().isEmpty() ? "" : ", key " + s.key();
    return call.id() + " (" + call.target().offered() + " by " + s.edge() + key + ")";
  }

  private static String detail(Sending s) {
    return s.outcome() == History.Outcome.DONE ? "" : "(" + shortened(s.text()) + ")";
  }

  private static String shortened(String text) {
    String line = text.lines().map(String::strip).collect(Collectors.joining(" "));
    return line.substring(0, Math.min(LONGEST_TEXT, line.length()));
  }
}
