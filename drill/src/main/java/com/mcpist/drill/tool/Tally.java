package com.mcpist.drill.tool;

import module java.base;

import com.mcpist.drill.tool.EffectFile.Effect;
import com.mcpist.drill.tool.Told.Word;

/**
 * How what clients were told differs from what has happened.
 *
 * @param lost calls with a result and without an effect
 * @param twice effects beyond one for each call that may have had one; of a tool that sets a value,
 *     effects that set an older value after a newer one that a client was told is set
 * @param late effects after their client was told that the outcome is unknown, or got no answer
 */
public record Tally(int lost, int twice, int late) {

  /** Compares the calls with how often the effect of each text is in the database. */
  public static Tally of(Collection<Told> calls, Map<String, Integer> effects) {
    int lost = 0;
    int twice = 0;
    for (Map.Entry<String, List<Told>> equal : byText(calls).entrySet()) {
      int done = effects.getOrDefault(equal.getKey(), 0);
      lost += Math.max(0, count(equal.getValue(), told -> told.is(Word.DONE)) - done);
      twice += Math.max(0, done - count(equal.getValue(), told -> !told.is(Word.NOT_RUN)));
    }
    return new Tally(lost, twice, 0);
  }

  /** Compares the calls of a mounted tool with its effects, in the order in which they happened. */
  public static Tally of(Tool tool, Collection<Told> calls, List<Effect> effects) {
    Set<String> texts = byText(calls).keySet();
    List<Effect> all =
        effects.stream().filter(e -> e.tool() == tool && texts.contains(e.text())).toList();
    List<Effect> counted = tool == Tool.KEYED ? withoutRepeats(all) : all;
    Map<String, Integer> counts = new HashMap<>();
    counted.forEach(effect -> counts.merge(effect.text(), 1, Integer::sum));
    Tally once = of(calls, counts);
    return switch (tool) {
      case READS -> new Tally(once.lost, 0, 0);
      case IDEMPOTENT ->
          new Tally(
              once.lost,
              overwritten(calls, counted) + refused(calls, counts),
              late(calls, counted));
      case KEYED, ONCE, MEMORY -> new Tally(once.lost, once.twice, late(calls, counted));
    };
  }

  public Tally plus(Tally other) {
    return new Tally(lost + other.lost, twice + other.twice, late + other.late);
  }

  /** Returns the effects without those that the server ignores, since it has seen their key. */
  private static List<Effect> withoutRepeats(List<Effect> effects) {
    Set<String> seen = new HashSet<>();
    return effects.stream().filter(e -> e.key().isEmpty() || seen.add(e.key())).toList();
  }

  /** Counts the effects that set a value after a newer one of the same client, which is done. */
  private static int overwritten(Collection<Told> calls, List<Effect> effects) {
    Set<String> done =
        calls.stream()
            .filter(told -> told.is(Word.DONE))
            .map(Told::text)
            .collect(Collectors.toSet());
    Map<String, Long> newest = new HashMap<>();
    int overwritten = 0;
    for (Effect effect : effects) {
      int blank = effect.text().lastIndexOf(' ');
      String client = effect.text().substring(0, Math.max(0, blank));
      long number = Long.parseLong(effect.text().substring(blank + 1));
      if (number < newest.getOrDefault(client, Long.MIN_VALUE)) {
        overwritten++;
      } else if (done.contains(effect.text())) {
        newest.put(client, number);
      }
    }
    return overwritten;
  }

  /** Counts the effects of texts all of whose clients were told that there is none. */
  private static int refused(Collection<Told> calls, Map<String, Integer> effects) {
    return byText(calls).entrySet().stream()
        .filter(equal -> equal.getValue().stream().allMatch(told -> told.is(Word.NOT_RUN)))
        .mapToInt(equal -> effects.getOrDefault(equal.getKey(), 0))
        .sum();
  }

  /** Of equal calls it cannot be said which of them an effect is of. */
  private static int late(Collection<Told> calls, List<Effect> effects) {
    Map<String, Told> open =
        byText(calls).values().stream()
            .filter(equal -> equal.size() == 1)
            .map(List::getFirst)
            .filter(told -> told.is(Word.UNKNOWN) || told.is(Word.NOTHING))
            .collect(Collectors.toMap(Told::text, Function.identity()));
    int late = 0;
    for (Effect effect : effects) {
      Told told = open.get(effect.text());
      if (told != null && effect.at() >= told.effectsBefore()) {
        late++;
      }
    }
    return late;
  }

  private static Map<String, List<Told>> byText(Collection<Told> calls) {
    return calls.stream().collect(Collectors.groupingBy(Told::text));
  }

  private static int count(List<Told> calls, Predicate<Told> which) {
    return (int) calls.stream().filter(which).count();
  }
}
