package com.mcpist.drill;

import com.mcpist.pair.data.PairException;
import java.nio.file.Path;

/** One fault after the other, and what each did. */
public final class GameDay {
  private GameDay() {}

  /**
   * Holds it. When this returns or throws, the data is as it was, and nothing that it has started
   * runs; interrupting the thread ends it so.
   *
   * @param data the data folder of the pair that is broken, when one runs there
   * @param blueprint of the pair that is broken otherwise, and for faults of links
   * @throws RefusedException where there is nothing that may be broken
   * @throws PairException where the pair does not become as it must
   */
  public static void hold(Plan plan, Path data, Blueprint blueprint, Observer observer)
      throws RefusedException, PairException, InterruptedException {
    if (!blueprint.environment().getOrDefault("DATABASE_URL", "").isEmpty()) {
      throw new RefusedException(
          "a drill breaks only a pair with a PostgreSQL of its own, and DATABASE_URL is set: unset"
              + " it.");
    }
    ThrowAwayPair.removeLeft(blueprint.environment());
    Targets targets = Targets.of(plan, data, blueprint, observer);
    try {
      for (Fault fault : plan.faults()) {
        Target target = targets.of(fault);
        observer.begins(fault.label());
        observer.found(
            new Drill(target, fault, plan.calls(), plan.clients(), observer::isAt).run());
      }
    } finally {
      targets.release();
    }
  }
}
