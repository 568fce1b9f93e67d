package com.mcpist.origin.memory;

import com.mcpist.origin.memory.Analyser.Word;
import com.mcpist.origin.memory.MemoryStore.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.util.StringHelper;

/**
 * The numbers by which the index finds a user's memories: each is made of the user and a word, so
 * that nobody's words make another's search longer. The index keeps every number that it has ever
 * had, so there are 16 million for words, for marks, and for all else. Two words of one user have
 * the same one about once in a million pairs.
 */
final class IndexKeys {
  enum Kind {
    WORD,
    /** The same, of memories in the sample alone, which is one of 64. */
    SAMPLE,
    /** That a memory is one of 4,096. */
    SMALL_SAMPLE,
    TITLE,
    /** A word that is in a tag, or often in the text. */
    STRONG,
    TAG,
    TAG_SAMPLE,
    /** What memories that are nearly the same share. */
    MARK
  }

  /** The word of every memory. */
  static final String EVERY = "";

  /** The largest number of a word; all others are less than 0 or larger. */
  private static final int MOST = (1 << 24) - 1;

  private static final int SAMPLE = 64;
  private static final int SMALL_SAMPLE = 4096;
  private static final int OFTEN = 3;

  /** So many marks of the text; of two texts that are 0.8 alike, one is shared by 99.8 %. */
  private static final int TEXT_MARKS = 4;

  private static final int FEWEST_MARKED = 5;

  private final int seed;

  IndexKeys(String user) {
    this.seed = hash(user, 0);
  }

  private static int hash(String text, int seed) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return StringHelper.murmurhash3_x86_32(bytes, 0, bytes.length, seed);
  }

  int of(Kind kind, String word) {
    int number = hash(word, seed + kind.ordinal()) & MOST;
    return switch (kind) {
      case WORD -> number;
      case MARK -> ~number;
      default -> number + MOST + 1;
    };
  }

  int[] of(Kind kind, Collection<String> words) {
    return words.stream().mapToInt(word -> of(kind, word)).toArray();
  }

  /** Those of tags. */
  int[] tags(Collection<String> tags) {
    return of(Kind.TAG, tags.stream().map(IndexKeys::tag).toList());
  }

  int tagSample(String tag) {
    return of(Kind.TAG_SAMPLE, tag(tag));
  }

  /** As tags are compared. */
  static String tag(String tag) {
    return Analyser.normalise(tag).toLowerCase(Locale.ROOT);
  }

  /** Those of a memory in ascending order, and of these the ones that one like it shares. */
  record Of(int[] keys, int[] marks) {}

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
    int[] marks = marks(title, of(Kind.WORD, inText));
    IntStream all =
        Arrays.stream(
                new int[][] {
                  of(Kind.WORD, words),
                  of(Kind.TITLE, title),
                  of(Kind.STRONG, strong),
                  tags(memory.tags()),
                  marks,
                  sample(memory.id(), words, memory.tags())
                })
            .flatMapToInt(Arrays::stream);
    return new Of(all.sorted().distinct().toArray(), marks);
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
    tags.forEach(tag -> keys.add(tagSample(tag)));
    keys.add(of(Kind.SAMPLE, EVERY));
    if (random % SMALL_SAMPLE == 0) {
      keys.add(of(Kind.SMALL_SAMPLE, EVERY));
    }
    return keys.build().toArray();
  }

  /** That of the title, and, by MinHash, those of the words. */
  private int[] marks(List<String> title, int[] words) {
    IntStream ofText =
        words.length < FEWEST_MARKED
            ? IntStream.empty()
            : IntStream.range(0, TEXT_MARKS)
                .map(
                    n -> {
                      int factor = 2 * hash("", n + 1) + 1;
                      int least = Arrays.stream(words).map(w -> w * factor).min().orElseThrow();
                      return of(Kind.MARK, n + " " + least);
                    });
    int ofTitle =
        of(Kind.MARK, title.stream().sorted().distinct().collect(Collectors.joining("\n")));
    return IntStream.concat(title.isEmpty() ? IntStream.empty() : IntStream.of(ofTitle), ofText)
        .toArray();
  }
}
