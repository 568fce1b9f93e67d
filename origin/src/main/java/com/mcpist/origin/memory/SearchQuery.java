package com.mcpist.origin.memory;

import com.mcpist.origin.memory.Unit.Alternative;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is searched for: units, each with alternatives, of which the best that a memory has counts.
 *
 * @param units by their numbers, from 0 on
 * @param phrases what stands in quotes, as {@link SearchText#normalise} has it
 */
record SearchQuery(List<Unit> units, List<Alternative> alternatives, List<String> phrases) {
  /** Each is looked up. */
  private static final int MOST_ALTERNATIVES = 64;

  private static final double SYNONYM = 0.5;

  private static final Pattern PHRASE = Pattern.compile("[\"“]([^\"“”]+)[\"”]");

  static SearchQuery of(String query, Synonyms synonyms) {
    String normal = Analyser.normalise(query);
    List<Unit> units = Unit.all(normal);
    boolean allLight = units.stream().noneMatch(Unit::own);
    List<Alternative> own = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      Unit unit = units.get(i);
      for (Alternative form : unit.forms()) {
        if (allLight || unit.light() > 0) {
          own.add(form.of(i, allLight || unit.own(), allLight ? 1 : unit.light()));
        }
      }
    }
    Stream<Alternative> all =
        Stream.concat(
            own.stream().sorted(Comparator.comparing(Alternative::own).reversed()),
            others(units, synonyms));
    List<String> phrases =
        PHRASE
            .matcher(normal)
            .results()
            .map(found -> SearchText.normalise(found.group(1)))
            .filter(phrase -> !phrase.isEmpty())
            .toList();
    return new SearchQuery(units, all.limit(MOST_ALTERNATIVES).toList(), phrases);
  }

  private static Stream<Alternative> others(List<Unit> units, Synonyms synonyms) {
    List<Alternative> found = new ArrayList<>();
    List<Integer> inSequence = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      if (units.get(i).alone()) {
        for (List<String> other : synonyms.at(List.of(units.get(i).first()), 0)) {
          found.add(new Alternative(i, false, SYNONYM, other));
        }
      } else {
        inSequence.add(i);
      }
    }
    List<String> words = inSequence.stream().map(i -> units.get(i).first()).toList();
    for (int i = 0; i < words.size(); i++) {
      for (List<String> other : synonyms.at(words, i)) {
        found.add(new Alternative(inSequence.get(i), false, SYNONYM, other));
      }
    }
    return found.stream().distinct();
  }

  /** All words by which it finds, as {@link Analyser} has them. */
  Set<String> lexemes() {
    return alternatives.stream()
        .map(Alternative::lexemes)
        .flatMap(List::stream)
        .collect(Collectors.toSet());
  }

  /** The words of the query that no memory has, as they stand there, of these numbers of units. */
  List<String> notFound(Collection<Integer> found) {
    Set<String> missed = new LinkedHashSet<>();
    Set<String> known = new LinkedHashSet<>();
    for (int i = 0; i < units.size(); i++) {
      int unit = i;
      if (alternatives.stream().anyMatch(a -> a.own() && a.unit() == unit)) {
        (found.contains(i) ? known : missed).add(units.get(i).surface());
      }
    }
    missed.removeAll(known);
    return List.copyOf(missed);
  }
}
