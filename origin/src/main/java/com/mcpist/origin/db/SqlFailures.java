package com.mcpist.origin.db;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

public final class SqlFailures {
  private SqlFailures() {}

  /** What of SQL there is among a failure and its causes, the failure first. */
  public static Stream<SQLException> in(Throwable failure) {
    List<SQLException> found = new ArrayList<>();
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        found.add(sql);
      }
    }
    return found.stream();
  }

  /** The first line of its message, for the log. */
  public static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }
}
