package com.mcpist.pair.supervisor;

import com.mcpist.pair.control.PairStatus;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Tells when another origin serves, and why. */
final class ServingWatch {
  private static final long EVERY_MILLIS = 300;

  private ServingWatch() {}

  /** Runs until its thread is interrupted. */
  static void run(Traffic traffic, Consumer<String> out) {
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
    EdgeAdmin.Seen old = view.origin(before);
    if (old == null || old.state().equals("healthy")) {
      return now + " serves now";
    }
    PairStatus.LastFailure failure = old.lastFailure();
    String why =
        old.state().equals("drained") || failure == null
            ? before + " is " + old.state()
            : before + ": " + failure.reason();
    return now + " serves now (" + why + ")";
  }
}
