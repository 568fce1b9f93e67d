package com.mcpist.origin.mount.client;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Takes secret values out of what a server prints, and what orders a terminal about. */
record Redaction(List<String> secrets) {
  /** Shorter ones would blot out words, and keep nothing secret. */
  private static final int SHORTEST = 4;

  private static final int LONGEST_SHOWN = 500;
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

  static Redaction of(Collection<String> values) {
    return new Redaction(
        values.stream()
            .flatMap(String::lines)
            .filter(line -> line.length() >= SHORTEST)
            .distinct()
            // One may be a part of another.
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList());
  }

  /** One line of it, as it may be shown. */
  String shown(String line) {
    String text = line;
    for (String secret : secrets) {
      text = text.replace(secret, "[redacted]");
    }
    text = UNPRINTABLE.matcher(text).replaceAll(" ").strip();
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
  }

  @Override
  public String toString() {
    return "Redaction[redacted]";
  }
}
