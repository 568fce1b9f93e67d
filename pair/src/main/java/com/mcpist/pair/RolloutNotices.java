package com.mcpist.pair;

import com.mcpist.pair.rollout.OriginRelease;
import com.mcpist.pair.rollout.RolloutEvents;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What becomes of releases, in a plain line each; what is rolled out well gets its AOT cache. */
final class RolloutNotices implements RolloutEvents {
  private final Consumer<String> out;

  /** Null until the pair is up, and where there are none. */
  private volatile @Nullable Trainings trainings;

  RolloutNotices(Consumer<String> out) {
    this.out = out;
  }

  void trainWith(Trainings begun) {
    trainings = begun;
  }

  @Override
  public void told(String line) {
    out.accept(line);
  }

  @Override
  public void healthy(OriginRelease release) {
    Trainings running = trainings;
    if (running != null) {
      running.begin(release);
    }
  }
}
