package com.mcpist.deploy.config;

import module java.base;

public final class Spelling {
  private Spelling() {}

  /** The candidate nearest to the word, when it is near: a third of its letters may differ. */
  public static Optional<String> nearest(String word, Collection<String> candidates) {
    return candidates.stream()
        .filter(candidate -> plausible(word, candidate))
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  /** The sentence " Did you mean X?" or nothing. */
  public static String hint(String word, Collection<String> candidates) {
    return nearest(word, candidates).map(name -> " Did you mean " + name + "?").orElse("");
  }

  private static boolean plausible(String word, String candidate) {
    if (word.length() >= 3 && (candidate.startsWith(word) || word.startsWith(candidate))) {
      return true;
    }
    return distance(word, candidate) <= Math.max(1, candidate.length() / 3);
  }

  static int distance(String left, String right) {
    int[] previous = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] row = new int[right.length() + 1];
      row[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], previous[j]) + 1, previous[j - 1] + change);
      }
      previous = row;
    }
    return previous[right.length()];
  }
}
