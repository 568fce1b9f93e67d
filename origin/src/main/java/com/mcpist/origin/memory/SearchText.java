package com.mcpist.origin.memory;

import java.util.Locale;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** Text as phrases are looked for in it, and what is shown of it. */
final class SearchText {
  /** An excerpt's, in characters; what is not longer is given whole. */
  static final int EXCERPT_LENGTH = 500;

  private static final int BEFORE = 100;
  private static final String CUT = "…";
  private static final int MOST_PLACES = 20;
  private static final int FULL_WIDTH = '！' - '!';
  private static final char LAST_ASCII = '\u007f';
  private static final char LAST_LATIN = '\u024f';

  private SearchText() {}

  /**
   * Full width and half width, upper and lower case are the same; every gap is one space. Without a
   * regular expression, which takes twice as long: a search normalises up to 256 KiB.
   */
  static String normalise(String text) {
    String folded = Analyser.normalise(text).toLowerCase(Locale.ROOT);
    StringBuilder spaced = new StringBuilder(folded.length());
    boolean gap = false;
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if (c <= ' ' || (c > LAST_ASCII && Character.isSpaceChar(c))) {
        gap = !spaced.isEmpty();
      } else {
        if (gap) {
          spaced.append(' ');
        }
        spaced.append(c);
        gap = false;
      }
    }
    return spaced.toString();
  }

  /**
   * The part of a text in which the most of these words begin, as {@link Analyser} has them. It is
   * found by letters and not by the analyser, which would take milliseconds for a long text.
   */
  static String excerpt(String text, Set<String> lexemes) {
    if (text.length() <= EXCERPT_LENGTH) {
      return text;
    }
    String folded = fold(text);
    NavigableMap<Integer, String> places = new TreeMap<>();
    lexemes.forEach(word -> places(folded, word, places));
    int best = 0;
    int most = 0;
    for (int place : places.keySet()) {
      var near = places.subMap(place, place + EXCERPT_LENGTH - BEFORE).values();
      int words = Set.copyOf(near).size();
      if (words > most) {
        most = words;
        best = place;
      }
    }
    int start = boundary(text, Math.clamp(best - BEFORE, 0, text.length() - EXCERPT_LENGTH));
    int end = boundary(text, Math.min(text.length(), start + EXCERPT_LENGTH));
    return (start > 0 ? CUT : "") + text.substring(start, end) + (end < text.length() ? CUT : "");
  }

  private static void places(String folded, String word, NavigableMap<Integer, String> places) {
    // A stem is the beginning of its words, but that "happy" has "happi".
    String stem = word.length() > 3 && word.endsWith("i") ? word.replaceFirst("i$", "") : word;
    int found = 0;
    for (int at = folded.indexOf(stem);
        at >= 0 && found < MOST_PLACES;
        at = folded.indexOf(stem, at + 1)) {
      if (at == 0 || stem.charAt(0) > LAST_LATIN || !isWord(folded.charAt(at - 1))) {
        places.put(at, word);
        found++;
      }
    }
  }

  private static boolean isWord(char c) {
    return c <= LAST_LATIN && Character.isLetterOrDigit(c);
  }

  /** Letter by letter, so that each stays in its place. */
  private static String fold(String text) {
    char[] letters = text.toCharArray();
    for (int i = 0; i < letters.length; i++) {
      char c = letters[i];
      letters[i] = Character.toLowerCase(c >= '！' && c <= '～' ? (char) (c - FULL_WIDTH) : c);
    }
    return Analyser.katakana(new String(letters));
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
