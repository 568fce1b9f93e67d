package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.Load;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.time.Duration;

/** What happens to the origins while clients call. */
sealed interface Schedule {

  /** The calls must all be shorter. */
  Duration limit();

  /** Does it, and returns at its end. The load goes on. */
  void run(Load load, Site site) throws IOException;

  /** The origin that serves is killed each time so much time has passed. */
  record Kill(Duration length, Duration between) implements Schedule {

    @Override
    public Duration limit() {
      return Duration.ofSeconds(1);
    }

    @Override
    public void run(Load load, Site site) {
      for (Duration next = between; next.compareTo(length) < 0; next = next.plus(between)) {
        load.awaitElapsed(next);
        Conditions.await(
            "an origin serves", Duration.ofMinutes(2), () -> site.kill(load.servedBy()));
      }
      load.awaitElapsed(length);
    }
  }

  /** The primary hangs for a while in the middle. */
  record Hang(Duration length, Duration hang) implements Schedule {

    @Override
    public Duration limit() {
      return Duration.ofSeconds(2);
    }

    @Override
    public void run(Load load, Site site) throws IOException {
      Duration begin = length.minus(hang).dividedBy(2);
      load.awaitElapsed(begin);
      site.signal(site.primary(), "STOP");
      load.awaitElapsed(begin.plus(hang));
      site.signal(site.primary(), "CONT");
      load.awaitElapsed(length);
    }
  }
}
