package com.mcpist.cli;

import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.LastFailure;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pair's status for people. */
final class StatusTable {
  private static final List<String> HEAD =
      List.of("", "ORIGIN", "STATE", "RELEASE", "PID", "LAST FAILURE");
  private static final int STATE = 2;

  private StatusTable() {}

  static String render(PairStatus status, Instant now, Terminal terminal) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (PairStatus.Origin origin : status.origins()) {
      rows.add(
          List.of(
              origin.active() ? (terminal.unicode() ? "▶" : ">") : "",
              origin.name(),
              origin.state(),
              origin.release() == null ? "-" : origin.release(),
              pid(origin.pid()),
              failure(origin.lastFailure(), now)));
    }
    return "Edge      "
        + status.edge().url()
        + "/mcp ("
        + (status.edge().pid() == null ? "down" : "pid " + pid(status.edge().pid()))
        + ")\nDatabase  "
        + status.database().url()
        + "\n\n"
        + TextTable.render(
            rows, HEAD.size(), (column, cell) -> column == STATE ? coloured(cell, terminal) : cell);
  }

  private static String coloured(String state, Terminal terminal) {
    return switch (state.strip()) {
      case "healthy" -> terminal.green(state);
      case "suspect", "drained" -> terminal.yellow(state);
      case "unhealthy" -> terminal.red(state);
      default -> state;
    };
  }

  private static String pid(@Nullable Long pid) {
    return pid == null ? "-" : pid.toString();
  }

  private static String failure(@Nullable LastFailure failure, Instant now) {
    return failure == null ? "-" : failure.reason() + ", " + age(failure.at(), now);
  }

  private static String age(String at, Instant now) {
    try {
      long seconds = Math.max(0, Duration.between(Instant.parse(at), now).toSeconds());
      if (seconds < 120) {
        return seconds + " s ago";
      }
      return seconds < 7200 ? seconds / 60 + " min ago" : seconds / 3600 + " h ago";
    } catch (DateTimeException _) {
      return "at " + at;
    }
  }
}
