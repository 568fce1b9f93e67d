package com.mcpist.origin.memory;

import java.util.List;
import java.util.Locale;

/** The part of a text around what was looked for. */
final class Excerpt {
  /** In characters; what is not longer is given whole. */
  static final int LENGTH = 500;

  private static final int BEFORE = 100;
  private static final String CUT = "…";

  private Excerpt() {}

  static String of(String text, List<String> words) {
    if (text.length() <= LENGTH) {
      return text;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    int found = words.stream().mapToInt(lower::indexOf).filter(i -> i >= 0).min().orElse(0);
    int start = boundary(text, Math.clamp(found - BEFORE, 0, text.length() - LENGTH));
    int end = boundary(text, Math.min(text.length(), start + LENGTH));
    return (start > 0 ? CUT : "") + text.substring(start, end) + (end < text.length() ? CUT : "");
  }

  /** Not in the middle of a surrogate pair. */
  private static int boundary(String text, int i) {
    boolean inPair =
        i > 0
            && i < text.length()
            && Character.isHighSurrogate(text.charAt(i - 1))
            && Character.isLowSurrogate(text.charAt(i));
    return inPair ? i - 1 : i;
  }
}
