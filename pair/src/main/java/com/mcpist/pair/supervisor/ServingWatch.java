package com.mcpist.pair.supervisor;

import com.mcpist.pair.control.PairStatus;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Tells when another origin serves, and why. */
final class ServingWatch {
  private static final long EVERY_MILLIS = 300;

  private final Traffic traffic;
  private final Consumer<String> out;

  ServingWatch(Traffic traffic, Consumer<String> out) {
    this.traffic = traffic;
    this.out = out;
  }

  /** Runs until its thread is interrupted. */
  void run() {
    try {
      String serving = "";
      while (true) {
        Optional<EdgeAdmin.View> view = traffic.seen();
        String now = view.map(ServingWatch::serving).orElse(serving);
        if (!now.equals(serving) && !serving.isEmpty()) {
          out.accept(sentence(serving, now, view.orElseThrow()));
        }
        serving = now;
        TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** The origin that gets new calls; "none" where nobody does. */
  static String serving(EdgeAdmin.View view) {
    return view.origins().stream()
        .filter(EdgeAdmin.Seen::active)
        .map(EdgeAdmin.Seen::name)
        .findFirst()
        .orElse("none");
  }

  static String sentence(String before, String now, EdgeAdmin.View view) {
    if (now.equals("none")) {
      return "no origin serves now; calls wait";
    }
    return view.origins().stream()
        .filter(origin -> origin.name().equals(before) && !origin.state().equals("healthy"))
        .map(origin -> now + " serves now (" + why(origin) + ")")
        .findFirst()
        .orElse(now + " serves now");
  }

  private static String why(EdgeAdmin.Seen origin) {
    PairStatus.LastFailure failure = origin.lastFailure();
    return origin.state().equals("drained") || failure == null
        ? origin.name() + " is " + origin.state()
        : origin.name() + ": " + failure.reason();
  }
}
