package com.mcpist.origin.trace;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a statement does to what, as {@code insert memory}: nothing of what it was told. Pure. */
final class SqlSummary {
  private static final int LONGEST = 128;
  private static final Pattern TEXT = Pattern.compile("'[^']*'");

  /** The first match tells. */
  private static final List<Pattern> PATTERNS =
      List.of(
          Pattern.compile("(?i)\\b(insert)\\s+into\\s+([a-z_][\\w.]*)"),
          Pattern.compile("(?i)\\b(delete)\\s+from\\s+([a-z_][\\w.]*)"),
          Pattern.compile("(?i)\\b(?<!for )(update)\\s+([a-z_][\\w.]*)\\s+set\\b"),
          Pattern.compile("(?i)\\b(select)\\b.*?\\bfrom\\s+([a-z_][\\w.]*)", Pattern.DOTALL),
          Pattern.compile("(?i)\\b(select)\\s+([a-z_]\\w*)\\s*\\("),
          Pattern.compile("([a-zA-Z]+)()"));

  private SqlSummary() {}

  static String of(String sql) {
    String code = TEXT.matcher(sql).replaceAll("?");
    for (Pattern pattern : PATTERNS) {
      Matcher found = pattern.matcher(code);
      if (found.find()) {
        String summary = (found.group(1).toLowerCase(Locale.ROOT) + " " + found.group(2)).strip();
        return summary.substring(0, Math.min(summary.length(), LONGEST));
      }
    }
    return "statement";
  }
}
