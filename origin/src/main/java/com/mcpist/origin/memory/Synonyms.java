package com.mcpist.origin.memory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Words that people exchange when they ask. In synonyms.txt a line is a group: words or short
 * phrases with commas between them; a line that begins with # is a comment.
 */
final class Synonyms {
  /** Of all entries that begin with a word, those others of their groups. */
  private final Map<String, List<Entry>> byFirstWord = new HashMap<>();

  private record Entry(List<String> words, List<List<String>> group) {}

  /** Read when somebody searches first: it takes some time. */
  private static final class Shipped {
    static final Synonyms ALL = new Synonyms(read());

    private static List<String> read() {
      try (InputStream file = Synonyms.class.getResourceAsStream("synonyms.txt")) {
        var reader = new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.UTF_8);
        return new BufferedReader(reader).lines().toList();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read synonyms.txt", e);
      }
    }
  }

  static Synonyms shipped() {
    return Shipped.ALL;
  }

  Synonyms(List<String> lines) {
    for (String line : lines) {
      if (!line.startsWith("#") && !line.isBlank()) {
        List<List<String>> group =
            Arrays.stream(line.split(","))
                .map(entry -> Unit.sequence(Analyser.normalise(entry)))
                .filter(words -> !words.isEmpty())
                .distinct()
                .toList();
        for (List<String> words : group) {
          byFirstWord
              .computeIfAbsent(words.getFirst(), first -> new ArrayList<>(1))
              .add(new Entry(words, group));
        }
      }
    }
  }

  /** What else is said for the words that begin here, each as the words that it is made of. */
  Set<List<String>> at(List<String> words, int start) {
    Set<List<String>> others = new LinkedHashSet<>();
    for (Entry entry : byFirstWord.getOrDefault(words.get(start), List.of())) {
      int end = start + entry.words().size();
      if (end <= words.size() && words.subList(start, end).equals(entry.words())) {
        entry.group().stream().filter(e -> !e.equals(entry.words())).forEach(others::add);
      }
    }
    return others;
  }
}
