package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.platform.HealthWait;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Machines that are updated one after the other, each when the one before is healthy. A machine is
 * restarted in place, so it is out for as long as it takes to start.
 */
final class FlyRollout implements Rollout {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /** One wait on Fly.io's side: leases are prolonged between two. */
  private static final Duration WAIT = Duration.ofSeconds(20);

  /** While the instance before is stopped for the new one, a machine is stopped for a while. */
  private static final int WAITS = 3;

  private final FlyApi api;
  private final Leases leases;
  private final UnaryOperator<Machine.Config> change;
  private final List<String> machines;

  private final Map<String, String> instances = new LinkedHashMap<>();

  private final boolean unchanged;

  FlyRollout(
      FlyApi api,
      Leases leases,
      List<Machine> machines,
      List<Machine> needed,
      UnaryOperator<Machine.Config> change) {
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
      api.route("uncordon", id, leases.nonce(id), deadline);
    }
    return Selection.release(healthy);
  }

  private Machine awaitHealthy(String id, Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException {
    Watch watch = new Watch(id, String.valueOf(instances.get(id)), deadline);
    return new HealthWait(FlyPlatform.NAME, observer, deadline, INTERVAL)
        .until(watch::look, machine -> machine.step(watch.settled()));
  }

  private void update(String id, Deadline deadline) throws PlatformException, InterruptedException {
    leases.prolong(deadline);
    Machine before = api.machine(id, deadline);
    // Where others can serve, it gets no new requests while it is restarted.
    boolean cordoned = machines.size() > 1;
    if (cordoned) {
      api.route("cordon", id, leases.nonce(id), deadline);
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

  /** Where nobody knows whether it has acted, a new instance tells. */
  private Machine update(Machine before, Deadline deadline)
      throws PlatformException, InterruptedException {
    leases.check();
    String nonce = leases.nonce(before.id()).orElse("");
    return api.calls()
        .once(
            () -> api.update(before, change.apply(before.config()), nonce, deadline),
            () ->
                Optional.of(api.machine(before.id(), deadline))
                    .filter(now -> !now.instance().equals(before.instance())),
            deadline);
  }

  private void openAgain(String id, Deadline deadline) throws InterruptedException {
    try {
      api.route("uncordon", id, leases.nonce(id), deadline);
    } catch (PlatformException _) {
      // What went wrong before is what matters; the next deployment opens it.
    }
  }

  @Override
  public void close() {
    leases.close();
  }

  /** Looks at a machine that starts. Until it has, Fly.io is asked to answer as soon as it does. */
  private final class Watch {
    private final String id;
    private final String instance;
    private final Deadline deadline;
    private int waits;

    Watch(String id, String instance, Deadline deadline) {
      this.id = id;
      this.instance = instance;
      this.deadline = deadline;
    }

    Machine look() throws PlatformException, InterruptedException {
      leases.prolong(deadline);
      if (!settled()) {
        boolean started = api.awaitStarted(id, instance, deadline.atMost(WAIT), deadline);
        waits = started ? WAITS : waits + 1;
      }
      Machine machine = api.machine(id, deadline);
      if (!machine.instance().equals(instance)) {
        throw new PlatformException(
            Kind.CONFLICT,
            FlyPlatform.NAME,
            "wait for machine " + id,
            "somebody else has changed it meanwhile",
            "Let one of you finish first, and run it again");
      }
      return machine;
    }

    boolean settled() {
      return waits >= WAITS;
    }
  }
}
