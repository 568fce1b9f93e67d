package com.mcpist.deploy.platform.fly;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;

/** Looks at a machine that starts. Until it has, Fly.io is asked to answer as soon as it does. */
final class MachineWatch {
  /** One wait on Fly.io's side: leases are prolonged between two. */
  private static final Duration WAIT = Duration.ofSeconds(20);

  /** While the instance before is stopped for the new one, a machine is stopped for a while. */
  private static final int WAITS = 3;

  private final FlyApi api;
  private final String id;
  private final String instance;
  private final Deadline deadline;
  private int waits;

  /**
   * @param instance the version that it should be
   */
  MachineWatch(FlyApi api, String id, String instance, Deadline deadline) {
    this.api = api;
    this.id = id;
    this.instance = instance;
    this.deadline = deadline;
  }

  /** How it is, when it has started or some time has passed. */
  Machine look() throws PlatformException, InterruptedException {
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

  Step step(Machine machine) {
    return machine.step(settled());
  }

  private boolean settled() {
    return waits >= WAITS;
  }
}
