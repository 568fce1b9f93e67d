package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which machines are the origin.
 *
 * @param app the app's name
 * @param machines their ids; all of the app when empty
 * @param region only those in this region, when given
 */
public record Selection(String app, List<String> machines, Optional<String> region) {
  /** As given. */
  public Selection {
    machines = List.copyOf(machines);
  }

  /** Those of the app's machines that are the origin, in the order of their ids; one at least. */
  List<Machine> of(List<Machine> all) throws PlatformException {
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
        FlyPlatform.NAME,
        "list machines",
        problem,
        "Make one once (`fly deploy`), or correct app, machines and region in mcpist.yml");
  }
}
