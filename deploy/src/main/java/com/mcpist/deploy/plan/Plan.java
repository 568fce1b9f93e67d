package com.mcpist.deploy.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which origins get a release, in which order.
 *
 * @param stages one after the other, each once the one before is verified; the origins of a stage
 *     at the same time. Empty where all have it already
 */
public record Plan(List<List<String>> stages) {
  /** As given. */
  public Plan {
    stages = stages.stream().map(List::copyOf).toList();
  }

  /** Why nothing is done. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Plans so that there is always an origin that serves: of those that must stop before they start
   * again, one at a time.
   *
   * @param standings in the order in which the edge prefers them
   * @param only the origins that may be changed; empty: all
   * @param force where an origin would have no healthy one beside it, all the same: the unhealthy
   *     ones first
   * @throws RefusedException where nobody would serve, unless forced
   */
  public static Plan of(
      List<Standing> standings, Set<String> only, Strategy strategy, boolean force)
      throws RefusedException {
    List<Standing> needed =
        standings.stream()
            .filter(origin -> !origin.current())
            .filter(origin -> only.isEmpty() || only.contains(origin.origin()))
            .toList();
    Optional<String> uncovered = force ? Optional.empty() : uncovered(names(needed), standings);
    if (uncovered.isPresent()) {
      throw new RefusedException(uncovered.get());
    }
    List<Standing> broken = needed.stream().filter(origin -> !origin.healthy()).toList();
    List<Standing> sound = needed.stream().filter(Standing::healthy).toList();
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
  public static Optional<String> uncovered(List<String> changing, List<Standing> standings) {
    return standings.stream()
        .filter(origin -> changing.contains(origin.origin()))
        .filter(origin -> standings.stream().noneMatch(o -> covers(o, origin, standings)))
        .map(origin -> refusal(origin, standings))
        .findFirst();
  }

  private static boolean covers(Standing one, Standing changing, List<Standing> standings) {
    boolean stays =
        !one.busy() || changing.overlaps() || standings.indexOf(one) < standings.indexOf(changing);
    return one.serves() && stays && !one.equals(changing);
  }

  private static List<List<String>> stages(List<Standing> origins, Strategy strategy) {
    if (strategy == Strategy.STANDBY_FIRST) {
      return origins.reversed().stream().map(origin -> List.of(origin.origin())).toList();
    }
    List<List<String>> stages = new ArrayList<>();
    List<String> first = new ArrayList<>();
    boolean one = false;
    for (Standing origin : origins.reversed()) {
      if (origin.overlaps() || !one) {
        first.addFirst(origin.origin());
        one |= !origin.overlaps();
      } else {
        stages.add(List.of(origin.origin()));
      }
    }
    if (!first.isEmpty()) {
      stages.addFirst(first);
    }
    return stages;
  }

  private static String refusal(Standing origin, List<Standing> standings) {
    String others =
        standings.stream()
            .filter(other -> !other.equals(origin))
            .map(
                other ->
                    other.origin()
                        + (!other.healthy()
                            ? " is not healthy: " + other.told()
                            : other.drained()
                                ? " is drained"
                                : " is yet to be changed by another command of this run"))
            .collect(Collectors.joining("; "));
    return (others.isEmpty() ? "there is no other origin" : others)
        + ". While "
        + origin.origin()
        + " changes, nobody might serve. Mend that first; with --force the release goes out all the"
        + " same, to what is not healthy first";
  }

  private static List<String> names(List<Standing> origins) {
    return origins.stream().map(Standing::origin).toList();
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return stages.isEmpty();
  }

  /** All origins that get it. */
  public List<String> origins() {
    return stages.stream().flatMap(List::stream).toList();
  }
}
