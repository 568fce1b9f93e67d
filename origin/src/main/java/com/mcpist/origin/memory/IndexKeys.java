package com.mcpist.origin.memory;

import com.mcpist.origin.memory.Analyser.Word;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.lucene.util.StringHelper;

/**
 * The numbers by which the index finds a user's memories: each is made of the user and a word, so
 * that nobody's words make another's search longer. The index keeps every number that it has ever
 * had, so there are 16 million of each kind. R__memory.sql knows how the kinds are laid out.
 */
final class IndexKeys {
  /** What a number says of a memory, besides whose it is. */
  private enum Kind {
    WORD(0),
    TITLE(1),
    /** The word is in a tag, or often in the text. */
    STRONG(2),
    /** The word, of those memories alone that are in the sample: one of 64. */
    SAMPLE(3),
    /** The same, of one of 4,096. */
    SMALL_SAMPLE(4),
    TAG(5),
    TAG_SAMPLE(6);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  /** The word of every memory. */
  private static final String EVERY = "";

  private static final int BITS = 24;
  private static final int SAMPLE = 64;
  private static final int SMALL_SAMPLE = 4096;
  private static final int OFTEN = 3;

  /**
   * So many marks of the text, each of five words: hardly any texts that are not alike share one.
   * Of two that are 0.8 alike, 95.8 % do, of two that are 0.9 alike, 99.9 %.
   */
  private static final int TEXT_MARKS = 8;

  private static final int MARK_WORDS = 5;

  private static final int[] FACTORS =
      IntStream.range(0, MARK_WORDS * TEXT_MARKS).map(n -> 2 * hash("mark", n) + 1).toArray();

  private static final int FEWEST_MARKED = 5;

  private final int seed;

  IndexKeys(String user) {
    this.seed = hash(user, 0);
  }

  private static int hash(String text, int seed) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return StringHelper.murmurhash3_x86_32(bytes, 0, bytes.length, seed);
  }

  private int of(Kind kind, String word) {
    return (hash(word, seed) >>> (Integer.SIZE - BITS)) + (kind.number << BITS);
  }

  private int[] of(Kind kind, Collection<String> words) {
    return words.stream().mapToInt(word -> of(kind, word)).toArray();
  }

  int[] words(Collection<String> words) {
    return of(Kind.WORD, words);
  }

  int every() {
    return of(Kind.WORD, EVERY);
  }

  /** Those of tags. */
  int[] tags(Collection<String> tags) {
    return of(Kind.TAG, tags.stream().map(IndexKeys::tag).toList());
  }

  /** As tags are compared. */
  static String tag(String tag) {
    return Analyser.normalise(tag).toLowerCase(Locale.ROOT);
  }

  /** Those of a memory in ascending order, and its marks, of which one like it shares some. */
  record Of(List<Integer> keys, List<Integer> marks) {}

  Of memory(Memory memory) {
    List<String> title = lexemes(memory.title());
    Set<String> strong = new HashSet<>(lexemes(String.join("\n", memory.tags())));
    Map<String, Integer> counts = new HashMap<>();
    lexemes(memory.text()).forEach(word -> counts.merge(word, 1, Integer::sum));
    Set<String> inText = Set.copyOf(counts.keySet());
    Set<String> words = new HashSet<>(inText);
    words.addAll(title);
    words.addAll(strong);
    counts.values().removeIf(count -> count < OFTEN);
    strong.addAll(counts.keySet());
    IntStream all =
        Arrays.stream(
                new int[][] {
                  of(Kind.WORD, words),
                  of(Kind.TITLE, title),
                  of(Kind.STRONG, strong),
                  tags(memory.tags()),
                  sample(memory.id(), words, memory.tags())
                })
            .flatMapToInt(Arrays::stream);
    return new Of(
        all.sorted().distinct().boxed().toList(),
        marks(title.isEmpty() ? List.of(memory.title()) : title, of(Kind.WORD, inText)));
  }

  private static List<String> lexemes(String text) {
    return Analyser.words(Analyser.normalise(text)).stream().map(Word::lexeme).toList();
  }

  private int[] sample(UUID id, Collection<String> words, List<String> tags) {
    long random = id.getLeastSignificantBits();
    if (random % SAMPLE != 0) {
      return new int[0];
    }
    IntStream.Builder keys = IntStream.builder();
    Arrays.stream(of(Kind.SAMPLE, words)).forEach(keys);
    tags.forEach(tag -> keys.add(of(Kind.TAG_SAMPLE, tag(tag))));
    keys.add(of(Kind.SAMPLE, EVERY));
    if (random % SMALL_SAMPLE == 0) {
      keys.add(of(Kind.SMALL_SAMPLE, EVERY));
    }
    return keys.build().toArray();
  }

  /** That of the title, and, by MinHash, those of some words each. */
  private List<Integer> marks(List<String> title, int[] words) {
    List<Integer> marks = new ArrayList<>();
    marks.add(mark("title " + title.stream().sorted().distinct().toList()));
    for (int n = 0; n < FACTORS.length && words.length >= FEWEST_MARKED; n += MARK_WORDS) {
      int[] least = new int[MARK_WORDS];
      for (int i = 0; i < MARK_WORDS; i++) {
        least[i] = least(words, FACTORS[n + i]);
      }
      marks.add(mark(n + Arrays.toString(least)));
    }
    return marks;
  }

  private static int least(int[] words, int factor) {
    int least = Integer.MAX_VALUE;
    for (int word : words) {
      least = Math.min(least, word * factor);
    }
    return least;
  }

  private int mark(String what) {
    return of(Kind.WORD, what);
  }
}
