package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.HealthWait;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Machines that are updated one after the other, each when the one before is healthy. A machine is
 * restarted in place, so it is out for as long as it takes to start.
 */
final class FlyRollout implements Rollout {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /** How often a machine is looked at to see whether a lost update has acted. */
  private static final int LOOKS = 3;

  private final FlyApi api;
  private final Leases leases;
  private final UnaryOperator<MachineConfig> change;
  private final List<String> machines;

  /** The instance that each machine should be, once it is known. */
  private final Map<String, String> instances = new LinkedHashMap<>();

  private final boolean unchanged;

  /**
   * @param machines all of the origin, in the order of their updates
   * @param needed those of them that must be updated
   */
  FlyRollout(
      FlyApi api,
      Leases leases,
      List<Machine> machines,
      List<Machine> needed,
      UnaryOperator<MachineConfig> change) {
    this.api = api;
    this.leases = leases;
    this.machines = machines.stream().map(Machine::id).toList();
    this.change = change;
    this.unchanged = needed.isEmpty();
    machines.stream()
        .filter(machine -> !needed.contains(machine))
        .forEach(machine -> instances.put(machine.id(), machine.instance()));
  }

  /** Takes all leases, so that two rollouts meet before they change anything, and begins. */
  void begin(Deadline deadline) throws PlatformException, InterruptedException {
    List<String> needed = machines.stream().filter(id -> !instances.containsKey(id)).toList();
    for (String id : needed) {
      leases.take(id, deadline);
    }
    if (!needed.isEmpty()) {
      update(needed.getFirst(), deadline);
    }
  }

  @Override
  public String id() {
    return String.valueOf(instances.get(machines.getFirst()));
  }

  @Override
  public boolean unchanged() {
    return unchanged;
  }

  @Override
  public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException {
    List<Machine> healthy = new ArrayList<>();
    for (String id : machines) {
      if (!instances.containsKey(id)) {
        update(id, deadline);
      }
      healthy.add(awaitHealthy(id, observer, deadline));
      // Also where it was healthy before: an earlier run may have ended in between.
      api.uncordon(id, leases.nonce(id), deadline);
    }
    return Machines.release(healthy);
  }

  private Machine awaitHealthy(String id, Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException {
    HealthWait wait = new HealthWait(FlyPlatform.NAME, observer, deadline, INTERVAL);
    MachineWatch watch = new MachineWatch(api, id, String.valueOf(instances.get(id)), deadline);
    return wait.until(
        () -> {
          leases.prolong(deadline);
          return watch.look();
        },
        watch::step);
  }

  private void update(String id, Deadline deadline) throws PlatformException, InterruptedException {
    leases.prolong(deadline);
    Machine before = api.machine(id, deadline);
    // Where others can serve, it gets no new requests while it is restarted.
    boolean cordoned = machines.size() > 1;
    if (cordoned) {
      api.cordon(id, leases.nonce(id), deadline);
    }
    try {
      instances.put(id, update(before, deadline).instance());
    } catch (PlatformException e) {
      if (cordoned) {
        openAgain(id, deadline);
      }
      throw e;
    }
  }

  /** Sends it once. Where nobody knows whether it has acted, a new instance tells. */
  private Machine update(Machine before, Deadline deadline)
      throws PlatformException, InterruptedException {
    leases.check();
    try {
      return api.update(
          before, change.apply(before.config()), leases.nonce(before.id()).orElse(""), deadline);
    } catch (ApiException e) {
      for (int look = 0; look < LOOKS && e.mayHaveActed(); look++) {
        Machine now = api.machine(before.id(), deadline);
        if (!now.instance().equals(before.instance())) {
          return now;
        }
        deadline.sleep(INTERVAL);
      }
      throw api.errors().notActed(e);
    }
  }

  private void openAgain(String id, Deadline deadline) throws InterruptedException {
    try {
      api.uncordon(id, leases.nonce(id), deadline);
    } catch (PlatformException _) {
      // What went wrong before is what matters; the next deployment opens it.
    }
  }

  @Override
  public boolean cancel(Deadline deadline) {
    // Fly.io has no such call.
    return false;
  }

  @Override
  public void close() {
    leases.close();
  }
}
