package com.mcpist.origin.memory;

import com.mcpist.origin.memory.Analyser.Word;
import com.mcpist.origin.memory.SearchQuery.Alternative;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Text as phrases are looked for in it, and what is shown of it. */
final class SearchText {
  private static final Pattern SPACE = Pattern.compile("[\\s\\p{Z}]+");

  /** An excerpt's, in characters; what is not longer is given whole. */
  static final int EXCERPT_LENGTH = 500;

  private static final int BEFORE = 100;
  private static final String CUT = "…";

  private SearchText() {}

  /** Full width and half width, upper and lower case are the same; every gap is one space. */
  static String normalise(String text) {
    String folded = Analyser.normalise(text).toLowerCase(Locale.ROOT);
    return SPACE.matcher(folded).replaceAll(" ").strip();
  }

  /** The part of a text with the most words of the query. */
  static String excerpt(String text, SearchQuery query) {
    if (text.length() <= EXCERPT_LENGTH) {
      return text;
    }
    Set<String> lexemes =
        query.alternatives().stream()
            .map(Alternative::lexemes)
            .flatMap(List::stream)
            .collect(Collectors.toSet());
    String normal = Analyser.normalise(text);
    TreeMap<Integer, String> found = new TreeMap<>();
    for (Word word : Analyser.words(normal)) {
      if (lexemes.contains(word.lexeme())) {
        found.put(word.start(), word.lexeme());
      }
    }
    int best = 0;
    int most = 0;
    for (int place : found.keySet()) {
      var near = found.subMap(place, place + EXCERPT_LENGTH - BEFORE);
      int words = new HashSet<>(near.values()).size();
      if (words > most) {
        most = words;
        best = place;
      }
    }
    // Normalising changes few lengths, and the place need not be exact.
    int place = (int) ((long) best * text.length() / normal.length());
    int start = boundary(text, Math.clamp(place - BEFORE, 0, text.length() - EXCERPT_LENGTH));
    int end = boundary(text, Math.min(text.length(), start + EXCERPT_LENGTH));
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
