package com.mcpist.origin.memory;

import java.text.Normalizer;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How text is made findable: the one place in which it is normalised, for what is stored as for
 * what is asked. Words are found by what they contain, in any script: Japanese has no spaces
 * between words, and two characters are often a whole one, so the index has pairs of neighbours.
 */
final class SearchText {
  private static final Pattern SPACE = Pattern.compile("[\\s\\p{Z}]+");

  /** No pair of characters begins so, being shorter. */
  private static final String USER = "u:";

  private static final String TAG = "t:";

  /** An excerpt's, in characters; what is not longer is given whole. */
  static final int EXCERPT_LENGTH = 500;

  private static final int BEFORE = 100;
  private static final String CUT = "…";

  private SearchText() {}

  /** Full width and half width, upper and lower case are the same; every gap is one space. */
  static String normalise(String text) {
    String folded = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    return SPACE.matcher(folded).replaceAll(" ").strip();
  }

  static List<String> words(String query) {
    String normal = normalise(query);
    return normal.isEmpty()
        ? List.of()
        : List.of(normal.split(" ", -1)).stream().distinct().toList();
  }

  /** What the index holds for a memory, of text that is normalised. */
  static Set<String> terms(String user, Collection<String> tags, String normalText) {
    Set<String> terms = filter(user, tags);
    for (String word : normalText.split(" ", -1)) {
      int[] characters = word.codePoints().toArray();
      for (int i = 0; i < characters.length; i++) {
        terms.add(new String(characters, i, 1));
        if (i > 0) {
          terms.add(new String(characters, i - 1, 2));
        }
      }
    }
    return terms;
  }

  /** What a memory's terms must contain to be this user's, and to have these tags. */
  static Set<String> filter(String user, Collection<String> tags) {
    Set<String> terms = new LinkedHashSet<>();
    terms.add(USER + user);
    tags.forEach(tag -> terms.add(TAG + normalise(tag)));
    return terms;
  }

  /** What a memory's terms must contain besides, for all these words to be in its text. */
  static Set<String> of(Collection<String> words) {
    Set<String> terms = new LinkedHashSet<>();
    for (String word : words) {
      int[] characters = word.codePoints().toArray();
      if (characters.length == 1) {
        terms.add(word);
      }
      for (int i = 1; i < characters.length; i++) {
        terms.add(new String(characters, i - 1, 2));
      }
    }
    return terms;
  }

  static String excerpt(String text, List<String> words) {
    if (text.length() <= EXCERPT_LENGTH) {
      return text;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    int found = words.stream().mapToInt(lower::indexOf).filter(i -> i >= 0).min().orElse(0);
    int start = boundary(text, Math.clamp(found - BEFORE, 0, text.length() - EXCERPT_LENGTH));
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
