package com.mcpist.origin.memory;

import com.mcpist.origin.memory.Analyser.Word;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;

/**
 * A word of a query with spaces around it, or a pair of neighbours in a script without. Light is
 * what it weighs where there are weightier ones, and 0 that it is left out then; alone is a Chinese
 * character that is in pairs as well.
 */
record Unit(String surface, int start, boolean alone, double light, List<Alternative> forms) {
  private static final double PARTS = 0.8;
  private static final double PART = 0.4;
  private static final double ONE_CHARACTER = 0.7;
  private static final double ACROSS_SCRIPTS = 0.3;

  /** Of hiragana, which are particles and endings mostly, and of words that ask. */
  private static final double LIGHT = 0.15;

  /** They say that something is asked, and seldom what. */
  private static final Set<String> ASKING =
      Set.of(
          ("what what's whats which who who's whom whose where where's when when's why how how's do"
               + " does did done can could should would may might must i i'm my mine me we our us"
               + " you your he him his she her its am were been being have has had about from any"
               + " some please tell show find give know remember remind something so than too 何 誰"
               + " 何時 何処 教 下 知 今 方")
              .split(" "));

  /** Words that a memory has all of, in place of a unit of that number; own is: no synonym. */
  record Alternative(int unit, boolean own, double weight, List<String> lexemes) {
    Alternative of(int number, boolean isOwn, double factor) {
      return new Alternative(number, isOwn, weight * factor, lexemes);
    }

    static Alternative form(double weight, List<String> lexemes) {
      return new Alternative(0, true, weight, lexemes);
    }
  }

  boolean own() {
    return light == 1;
  }

  String first() {
    return forms.getFirst().lexemes().getFirst();
  }

  static List<Unit> all(String normal) {
    List<Unit> units = new ArrayList<>();
    Matcher spaced = Analyser.SPACED.matcher(normal);
    while (spaced.find()) {
      List<Word> forms = Analyser.spaced(spaced.group());
      if (!forms.isEmpty()) {
        boolean asks = ASKING.contains(spaced.group().toLowerCase(Locale.ROOT).replace('’', '\''));
        units.add(
            new Unit(
                spaced.group(),
                spaced.start(),
                false,
                asks ? 0 : 1,
                forms(forms, spaced.group().length())));
      }
    }
    for (Word pair : Analyser.pairs(normal)) {
      pair(normal, pair, units);
    }
    units.sort(Comparator.comparingInt(Unit::start));
    return units;
  }

  /** A word, or a compound as a whole, all of its parts, or one of them. */
  private static List<Alternative> forms(List<Word> forms, int length) {
    Set<String> wholes = new LinkedHashSet<>();
    Set<String> parts = new LinkedHashSet<>();
    for (Word form : forms) {
      (form.start() == 0 && form.end() == length ? wholes : parts).add(form.lexeme());
    }
    if (wholes.isEmpty()) {
      return List.of(Alternative.form(1, List.copyOf(parts)));
    }
    List<Alternative> found = new ArrayList<>();
    wholes.stream()
        .sorted(Comparator.comparing(w -> !w.chars().allMatch(Character::isLetterOrDigit)))
        .forEach(whole -> found.add(Alternative.form(1, List.of(whole))));
    if (parts.size() > 1) {
      found.add(Alternative.form(PARTS, List.copyOf(parts)));
    }
    parts.forEach(part -> found.add(Alternative.form(PART, List.of(part))));
    return found;
  }

  /** A stretch of one script counts as one word, however many pairs it has. */
  private static void pair(String text, Word pair, List<Unit> to) {
    UnicodeScript script = script(text, pair.start());
    int last = text.offsetByCodePoints(pair.end(), -1);
    int start = pair.start();
    while (start > 0 && script(text, text.offsetByCodePoints(start, -1)) == script) {
      start = text.offsetByCodePoints(start, -1);
    }
    int end = pair.start();
    while (end < text.length() && script(text, end) == script) {
      end = text.offsetByCodePoints(end, 1);
    }
    String stretch = text.substring(start, end);
    int characters = stretch.codePointCount(0, stretch.length());
    boolean light = script == UnicodeScript.HIRAGANA || ASKING.contains(stretch);
    if (script(text, last) != script) {
      add(to, text.substring(pair.start(), pair.end()), pair, false, ACROSS_SCRIPTS, 1);
    } else if (last > pair.start()) {
      add(to, stretch, pair, false, light ? LIGHT : 1, 1 / Math.sqrt(characters - 1));
    } else if (characters == 1) {
      add(to, stretch, pair, script == UnicodeScript.HAN, light ? LIGHT : 1, ONE_CHARACTER);
    }
  }

  private static void add(
      List<Unit> to, String surface, Word pair, boolean alone, double light, double weight) {
    List<Alternative> form = List.of(Alternative.form(weight, List.of(pair.lexeme())));
    to.add(new Unit(surface, pair.start(), alone, light, form));
  }

  /** A prolonged sound is of the script before it. */
  private static UnicodeScript script(String text, int at) {
    int i = at;
    while (i > 0 && text.charAt(i) == 'ー') {
      i--;
    }
    int character = text.codePointAt(i > 0 && Character.isLowSurrogate(text.charAt(i)) ? i - 1 : i);
    return character == 'ー' ? UnicodeScript.KATAKANA : UnicodeScript.of(character);
  }

  /**
   * The words of a text in their order, as synonyms are looked for; none where it is not enough to
   * tell a phrase by.
   */
  static List<String> sequence(String normal) {
    List<Unit> units = all(normal);
    long spaced = Analyser.SPACED.matcher(normal).results().count();
    long known = units.stream().filter(u -> u.surface().length() > 1).count();
    if (spaced > 1 && known < 2) {
      return List.of();
    }
    List<String> words = units.stream().filter(u -> !u.alone()).map(Unit::first).toList();
    return words.isEmpty() ? units.stream().map(Unit::first).toList() : words;
  }
}
