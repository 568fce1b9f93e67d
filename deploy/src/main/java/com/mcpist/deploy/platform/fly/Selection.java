package com.mcpist.deploy.platform.fly;

import module java.base;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.fly.FlyApi.Machine;

/** Which machines are the origin, and what they run, taken together. */
public record Selection(String app, List<String> machines, Optional<String> region) {
  List<Machine> of(List<Machine> all) {
    List<Machine> chosen = among(all);
    for (String id : machines) {
      if (chosen.stream().noneMatch(machine -> machine.id().equals(id))) {
        throw missing("app " + app + " has no machine " + id);
      }
    }
    if (chosen.isEmpty()) {
      throw missing("app " + app + " has no machine");
    }
    return chosen;
  }

  /** As {@link #of}, of an app that may have none yet. */
  List<Machine> among(List<Machine> all) {
    return all.stream()
        .filter(Machine::exists)
        .filter(machine -> !machine.config().isTemporary())
        .filter(machine -> machines.isEmpty() || machines.contains(machine.id()))
        .sorted(Comparator.comparing(Machine::id))
        .toList();
  }

  private static PlatformException missing(String problem) {
    return new PlatformException(
        Kind.NOT_FOUND,
        FlyApi.NAME,
        "list machines",
        problem,
        "Make one once (`fly deploy`), or correct app, machines and region in mcpist.yml");
  }

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
        first.config().env());
  }

  private static State state(List<Machine> machines) {
    List<State> states =
        machines.stream()
            .map(
                machine ->
                    machine.state().equals("stopped") ? State.STOPPED : machine.meaning(true))
            .toList();
    return Stream.of(State.FAILED, State.STOPPED, State.UNHEALTHY, State.PROGRESSING)
        .filter(states::contains)
        .findFirst()
        .orElse(State.HEALTHY);
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
