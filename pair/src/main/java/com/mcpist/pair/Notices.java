package com.mcpist.pair;

import com.mcpist.pair.process.ProcessEvents;
import java.time.Duration;
import java.util.function.Consumer;

/** What happens to the programs, in a plain line each. */
record Notices(Consumer<String> out) implements ProcessEvents {
  @Override
  public void restarted(String name, long pid) {
    out.accept(name + " is up again (pid " + pid + ")");
  }

  @Override
  public void died(String name, String how, Duration delay) {
    String when = delay.isZero() ? "at once" : "in " + delay.toMillis() / 1000.0 + " s";
    out.accept(name + " died (" + how + "), starting it again " + when);
  }
}
