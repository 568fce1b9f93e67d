package com.mcpist.e2e.bench;

import com.mcpist.origin.memory.ManyMemories;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Memories of about 60 words, half of these Japanese, of a vocabulary of 50,000 in which the word
 * of rank r is r times as rare as the first. The same for each run. A space stands between Japanese
 * words too, because PostgreSQL's parser finds them by it.
 */
final class SearchBenchRows {
  static final String RARE_WORD = "a rare word";
  private static final int VOCABULARY = 50_000;
  private static final int WORDS = 60;
  private static final int WORDS_OF_A_TITLE = 4;
  private static final int QUERIES = 50;
  private static final int COMMON = 20;
  private static final int MIDDLING = 500;
  private static final int RARE = 20_000;
  private static final String CONSONANTS = "bcdfghklmnprstvz";
  private static final String VOWELS = "aeiou";
  private static final int FIRST_KANJI = 0x4e00;
  private static final int KANJI = 2000;
  private static final int FIRST_KATAKANA = 0x30ab;
  private static final int KATAKANA = 0x30f3 - FIRST_KATAKANA + 1;

  private final int memories;
  private final int users;
  private final List<String> vocabulary;
  private final double[] upTo = new double[VOCABULARY];
  private final Random random = new Random(21);

  SearchBenchRows(int memories, int users) {
    this.memories = memories;
    this.users = users;
    Set<String> words = new LinkedHashSet<>();
    while (words.size() < VOCABULARY) {
      words.add(words.size() % 2 == 0 ? english() : japanese());
    }
    vocabulary = List.copyOf(words);
    double sum = 0;
    for (int i = 0; i < VOCABULARY; i++) {
      sum += 1.0 / (i + 1);
      upTo[i] = sum;
    }
  }

  private String english() {
    StringBuilder word = new StringBuilder();
    for (int i = 2 + random.nextInt(2); i > 0; i--) {
      word.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())))
          .append(VOWELS.charAt(random.nextInt(VOWELS.length())));
    }
    return word.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length()))).toString();
  }

  private String japanese() {
    StringBuilder word = new StringBuilder();
    boolean kanji = random.nextInt(3) > 0;
    for (int i = kanji ? 2 : 4; i > 0; i--) {
      word.appendCodePoint(
          kanji ? FIRST_KANJI + random.nextInt(KANJI) : FIRST_KATAKANA + random.nextInt(KATAKANA));
    }
    return word.toString();
  }

  /** Stores them, those of the user "local" evenly among those of others. */
  void store(DataSource database) throws IOException, SQLException {
    try (ManyMemories many = new ManyMemories(database)) {
      for (int i = 0; i < memories; i++) {
        int user = i % users;
        many.add(
            user == 0 ? "local" : "user-" + user,
            text(WORDS_OF_A_TITLE),
            text(WORDS - WORDS_OF_A_TITLE),
            Instant.ofEpochSecond(1_750_000_000L + i));
      }
    }
  }

  private String text(int words) {
    return String.join(" ", IntStream.range(0, words).mapToObj(_ -> word()).toList());
  }

  private String word() {
    double drawn = random.nextDouble() * upTo[VOCABULARY - 1];
    int found = Arrays.binarySearch(upTo, drawn);
    return vocabulary.get(found < 0 ? -found - 1 : found);
  }

  /** By kind, half of the words Japanese. */
  Map<String, List<String>> queries() {
    List<String> rare = some(RARE, VOCABULARY);
    List<String> middling = some(MIDDLING, 2 * MIDDLING);
    List<String> common = some(0, COMMON);
    Map<String, List<String>> queries = new LinkedHashMap<>();
    queries.put(RARE_WORD, rare);
    queries.put("a middling word", middling);
    queries.put("a common word", common);
    queries.put("rare and common", pairs(rare, common));
    queries.put("two middling words", pairs(middling, middling.reversed()));
    queries.put("two common words", pairs(common, common.reversed()));
    return queries;
  }

  private List<String> some(int from, int to) {
    List<String> words = new ArrayList<>(vocabulary.subList(from, to));
    Collections.shuffle(words, random);
    return words.subList(0, Math.min(QUERIES, words.size()));
  }

  private static List<String> pairs(List<String> one, List<String> other) {
    return IntStream.range(0, one.size())
        .mapToObj(i -> one.get(i) + " " + other.get(i % other.size()))
        .toList();
  }
}
