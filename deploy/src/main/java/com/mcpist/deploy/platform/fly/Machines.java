package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The machines of an origin, taken together. Pure. */
final class Machines {
  private Machines() {}

  /** What they run; each must be there once at least. */
  static Release release(List<Machine> machines) {
    Machine first = machines.getFirst();
    Optional<ImageReference> image = first.image();
    boolean mixed = machines.stream().anyMatch(machine -> !machine.image().equals(image));
    return new Release(
        first.instance(),
        mixed ? Optional.empty() : image,
        state(machines),
        told(machines),
        detail(machines, mixed),
        first.updated(),
        first.config().env());
  }

  /** The worst of them. */
  private static State state(List<Machine> machines) {
    List<State> states =
        machines.stream()
            .map(
                machine ->
                    machine.state().equals("stopped") ? State.STOPPED : machine.meaning(true))
            .toList();
    for (State state : List.of(State.FAILED, State.STOPPED, State.UNHEALTHY, State.PROGRESSING)) {
      if (states.contains(state)) {
        return state;
      }
    }
    return State.HEALTHY;
  }

  private static String told(List<Machine> machines) {
    Map<String, Long> counts =
        machines.stream()
            .collect(Collectors.groupingBy(Machine::state, TreeMap::new, Collectors.counting()));
    return counts.size() == 1
        ? machines.getFirst().state()
        : counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
  }

  private static String detail(List<Machine> machines, boolean mixed) {
    return machines.stream()
        .filter(machine -> mixed || !machine.failing().isEmpty())
        .map(
            machine ->
                machine.id()
                    + (mixed
                        ? " runs " + machine.image().map(ImageReference::toString).orElse("?")
                        : "")
                    + (machine.failing().isEmpty()
                        ? ""
                        : (mixed ? ", " : ": ") + String.join(", ", machine.failing())))
        .collect(Collectors.joining("; "));
  }
}
