package com.mcpist.origin.memory;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.KeywordMarkerFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterIterator;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.TypeAttribute;
import org.tartarus.snowball.ext.EnglishStemmer;

/**
 * Takes a text apart into the words by which it is found: memories and queries alike. Words with
 * spaces between them are stemmed as English; of a compound there are its parts, the whole, and the
 * whole without punctuation. Of Chinese, Japanese and Korean there is each pair of neighbours, and
 * each Chinese character; hiragana are as katakana.
 */
final class Analyser {
  /** To be raised with any change to what it gives: then what is stored is indexed anew. */
  static final int VERSION = 3;

  /** ASCII first, so that most letters need no look at Unicode's properties. */
  private static final String LETTER =
      "[0-9A-Za-z[\\p{L}\\p{M}\\p{N}&&[^ー\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsHangul}]]]";

  /** A word of a script with spaces, or a compound of such, as a path; also C++ and C#. */
  static final Pattern SPACED =
      Pattern.compile(LETTER + "++(?:[-._/@:+&'’#]" + LETTER + "++)*+(?:\\+\\+|#)?");

  private static final int COMPOUNDS =
      WordDelimiterGraphFilter.GENERATE_WORD_PARTS
          | WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS
          | WordDelimiterGraphFilter.CATENATE_ALL
          | WordDelimiterGraphFilter.SPLIT_ON_CASE_CHANGE
          | WordDelimiterGraphFilter.PRESERVE_ORIGINAL;

  /** Each is used by one thread at a time: threads are many, and a chain takes some 50 kB. */
  private static final Queue<Chain> SPACED_CHAINS = new ArrayBlockingQueue<>(2);

  private static final Queue<Chain> PAIR_CHAINS = new ArrayBlockingQueue<>(2);

  private static final char FIRST_KOREAN = '\u1100';
  private static final int TO_KATAKANA = 'ア' - 'あ';

  private Analyser() {}

  /** A word as the index has it, and where it stands in the text. */
  record Word(String lexeme, int start, int end) {}

  /** Full and half width are the same. */
  static String normalise(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  /** The words of a text that is normalised, those with spaces between them first. */
  static List<Word> words(String normal) {
    List<Word> words = spaced(normal);
    words.addAll(pairs(normal));
    return words;
  }

  static List<Word> spaced(String normal) {
    Chain chain = SPACED_CHAINS.poll();
    chain = chain == null ? Chain.spaced() : chain;
    List<Word> words = new ArrayList<>();
    chain.read(normal, words, Set.of());
    SPACED_CHAINS.offer(chain);
    return words;
  }

  static List<Word> pairs(String normal) {
    List<Word> words = new ArrayList<>();
    if (normal.chars().anyMatch(c -> c >= FIRST_KOREAN)) {
      Chain chain = PAIR_CHAINS.poll();
      chain = chain == null ? Chain.pairs() : chain;
      chain.read(katakana(normal), words, Chain.PAIRED);
      PAIR_CHAINS.offer(chain);
      words.removeIf(
          w ->
              w.lexeme().codePointCount(0, w.lexeme().length()) == 1
                  && !Character.isIdeographic(w.lexeme().codePointAt(0))
                  && Character.isLetter(w.lexeme().codePointAt(0)));
    }
    return words;
  }

  static String katakana(String text) {
    char[] characters = text.toCharArray();
    for (int i = 0; i < characters.length; i++) {
      if (isHiragana(characters[i])) {
        characters[i] += (char) TO_KATAKANA;
      }
    }
    return new String(characters);
  }

  static boolean isHiragana(char c) {
    return (c >= 'ぁ' && c <= 'ゖ') || c == 'ゝ' || c == 'ゞ';
  }

  /** Keeps what has a digit from being stemmed: a code or a number. */
  private static final class Codes extends KeywordMarkerFilter {
    private final CharTermAttribute word = getAttribute(CharTermAttribute.class);

    Codes(TokenStream words) {
      super(words);
    }

    @Override
    protected boolean isKeyword() {
      return word.chars().anyMatch(c -> c >= '0' && c <= '9');
    }
  }

  /** One of Lucene's chains, which is used again and again. */
  private record Chain(Tokenizer tokenizer, TokenStream words) {
    /** The types of what is taken of the chain of pairs; the rest is spaced words. */
    static final Set<String> PAIRED =
        Set.of(CJKBigramFilter.DOUBLE_TYPE, CJKBigramFilter.SINGLE_TYPE, "<EMOJI>");

    static Chain spaced() {
      Tokenizer tokenizer = new PatternTokenizer(SPACED, 0);
      TokenStream parts =
          new WordDelimiterGraphFilter(
              new EnglishPossessiveFilter(tokenizer),
              true,
              WordDelimiterIterator.DEFAULT_WORD_DELIM_TABLE,
              COMPOUNDS,
              null);
      TokenStream folded = new ASCIIFoldingFilter(new LowerCaseFilter(parts));
      TokenStream words = new StopFilter(folded, EnglishAnalyzer.ENGLISH_STOP_WORDS_SET);
      return new Chain(tokenizer, new SnowballFilter(new Codes(words), new EnglishStemmer()));
    }

    static Chain pairs() {
      Tokenizer tokenizer = new StandardTokenizer();
      return new Chain(tokenizer, new CJKBigramFilter(tokenizer, ALL_SCRIPTS, true));
    }

    private static final int ALL_SCRIPTS =
        CJKBigramFilter.HAN
            | CJKBigramFilter.HIRAGANA
            | CJKBigramFilter.KATAKANA
            | CJKBigramFilter.HANGUL;

    /** Adds the words of these types, or all where there are none. */
    void read(String text, List<Word> to, Set<String> types) {
      CharTermAttribute lexeme = words.getAttribute(CharTermAttribute.class);
      OffsetAttribute place = words.getAttribute(OffsetAttribute.class);
      TypeAttribute type = words.addAttribute(TypeAttribute.class);
      tokenizer.setReader(new StringReader(text));
      try {
        words.reset();
        while (words.incrementToken()) {
          if (types.isEmpty() || types.contains(type.type())) {
            to.add(new Word(lexeme.toString(), place.startOffset(), place.endOffset()));
          }
        }
        words.end();
        words.close();
      } catch (IOException e) {
        throw new UncheckedIOException("A string cannot be read", e);
      }
    }
  }
}
