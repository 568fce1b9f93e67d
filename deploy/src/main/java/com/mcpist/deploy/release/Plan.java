package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.release.Order.Strategy;

/** The origins of a stage get it at the same time, each stage once the one before is verified. */
public record Plan(List<List<String>> stages) {
  public Plan {
    stages = stages.stream().map(List::copyOf).toList();
  }

  /**
   * How an origin is before a deployment.
   *
   * @param current whether it runs what is wanted already, and needs nothing
   * @param busy whether another command of the same run may stop it to change it, and has not yet
   * @param overlaps whether its platform starts the new instance before it stops the old one
   */
  public record Origin(
      String name,
      boolean healthy,
      boolean drained,
      boolean current,
      boolean busy,
      boolean overlaps,
      String told) {

    boolean serves() {
      return healthy && !drained;
    }
  }

  /** There is always an origin that serves: of those that stop before they start, one at a time. */
  public static Plan of(List<Origin> origins, Set<String> only, Strategy strategy, boolean force) {
    List<Origin> needed =
        origins.stream()
            .filter(origin -> !origin.current())
            .filter(origin -> only.isEmpty() || only.contains(origin.name()))
            .toList();
    Optional<String> uncovered = force ? Optional.empty() : uncovered(names(needed), origins);
    if (uncovered.isPresent()) {
      throw new DeployException(uncovered.get());
    }
    List<Origin> broken = needed.stream().filter(origin -> !origin.healthy()).toList();
    List<Origin> sound = needed.stream().filter(Origin::healthy).toList();
    // What does not serve loses nothing: it comes first where it is what the others wait for.
    boolean brokenFirst = force && !broken.isEmpty() && !sound.isEmpty();
    List<List<String>> stages = new ArrayList<>();
    if (brokenFirst) {
      stages.add(names(broken));
    }
    stages.addAll(stages(brokenFirst ? sound : needed, strategy));
    return new Plan(stages);
  }

  /**
   * Why nobody might serve while these origins change; empty where each has another one beside it
   * that does.
   *
   * <p>Commands of one run work at the same time and do not see each other. So of the origins that
   * must stop before they start again, the last one goes first: what another command has yet to
   * change covers only what comes after it, and itself waits for that.
   */
  public static Optional<String> uncovered(List<String> changing, List<Origin> origins) {
    return origins.stream()
        .filter(origin -> changing.contains(origin.name()))
        .filter(origin -> origins.stream().noneMatch(o -> covers(o, origin, origins)))
        .map(origin -> refusal(origin, origins))
        .findFirst();
  }

  private static boolean covers(Origin one, Origin changing, List<Origin> origins) {
    boolean stays =
        !one.busy() || changing.overlaps() || origins.indexOf(one) < origins.indexOf(changing);
    return one.serves() && stays && !one.equals(changing);
  }

  private static List<List<String>> stages(List<Origin> origins, Strategy strategy) {
    return strategy == Strategy.STANDBY_FIRST
        ? origins.reversed().stream().map(origin -> List.of(origin.name())).toList()
        : atOnce(origins.reversed(), Origin::overlaps).stream()
            .map(stage -> names(stage.reversed()))
            .toList();
  }

  /** As many at the same time as may be: of those that must stop before they start, one. */
  static <T> List<List<T>> atOnce(List<T> all, Predicate<T> overlaps) {
    List<List<T>> stages = new ArrayList<>();
    List<T> first = new ArrayList<>();
    boolean one = false;
    for (T item : all) {
      if (overlaps.test(item) || !one) {
        first.add(item);
        one |= !overlaps.test(item);
      } else {
        stages.add(List.of(item));
      }
    }
    if (!first.isEmpty()) {
      stages.addFirst(first);
    }
    return stages;
  }

  private static String refusal(Origin origin, List<Origin> origins) {
    String others =
        origins.stream()
            .filter(other -> !other.equals(origin))
            .map(
                other ->
                    other.name()
                        + (!other.healthy()
                            ? " is not healthy: " + other.told()
                            : other.drained()
                                ? " is drained"
                                : " is yet to be changed by another command of this run"))
            .collect(Collectors.joining("; "));
    return ("%s. While %s changes, nobody might serve. Mend that first; with --force the release"
            + " goes out all the same, to what is not healthy first")
        .formatted(others.isEmpty() ? "there is no other origin" : others, origin.name());
  }

  private static List<String> names(List<Origin> origins) {
    return origins.stream().map(Origin::name).toList();
  }

  public boolean isEmpty() {
    return stages.isEmpty();
  }

  public List<String> origins() {
    return stages.stream().flatMap(List::stream).toList();
  }
}
