package com.mcpist.pair.supervisor;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper.Start;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes origins out of what the edge sends, and in again. */
final class Traffic {
  private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);
  private static final long LOOK_MILLIS = 100;
  private static final int NONE_LEFT = 409;

  static final String NO_ANSWER = "the edge does not answer; `mcpist status` tells how it is";

  private final EdgeAdmin admin;
  private final Consumer<EdgeAdmin.View> changed;
  private final Duration limit;
  private volatile boolean closed;

  /**
   * Through whichever edge runs.
   *
   * @param admin of that
   * @param changed told of what the next edge is to know
   * @param limit how long the edge may take to answer, and to find an origin healthy
   */
  Traffic(EdgeAdmin admin, Consumer<EdgeAdmin.View> changed, Duration limit) {
    this.admin = admin;
    this.changed = changed;
    this.limit = limit;
  }

  EdgeAdmin admin() {
    return admin;
  }

  /** What the edge sees; empty while it does not answer. */
  Optional<EdgeAdmin.View> seen() throws InterruptedException {
    try {
      return Optional.of(admin.status());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /**
   * Drains or undrains an origin.
   *
   * @param verb drain or undrain
   * @return how the edge sees the origins then
   */
  EdgeAdmin.View change(String origin, String verb) throws PairException, InterruptedException {
    try {
      return tell(origin, verb);
    } catch (EdgeAdmin.Refused e) {
      throw new PairException(
          Kind.REJECTED,
          e.code() == NONE_LEFT
              ? origin + " stays: without it no healthy origin would be left"
              : String.valueOf(e.getMessage()),
          "");
    } catch (IOException _) {
      throw new PairException(Kind.UNAVAILABLE, NO_ANSWER, "");
    }
  }

  /** An origin that is to be changed, whose calls the other one gets meanwhile. */
  final class Drain {
    private final String origin;
    private boolean ours;

    Drain(String origin) {
      this.origin = origin;
    }

    /**
     * Drains it. One that was drained before stays so afterwards; where no other origin is healthy,
     * calls wait for it.
     *
     * @throws PairException where the edge does not answer; nothing is drained then
     */
    void take(Consumer<String> step) throws PairException, InterruptedException {
      if (ours) {
        return;
      }
      EdgeAdmin.View view =
          await(_ -> true, () -> false).orElseThrow(() -> new PairException(NO_ANSWER));
      if (view.state(origin).equals("drained")) {
        return;
      }
      step.accept("Draining " + origin);
      try {
        ours = true; // A busy edge may do it though its answer does not come.
        tell(origin, "drain");
      } catch (EdgeAdmin.Refused _) {
        ours = false;
        step.accept("No other origin is healthy: calls wait for " + origin);
      } catch (IOException e) {
        giveBack();
        throw new PairException(NO_ANSWER, e);
      }
    }

    /** Undrains it; also when the edge is just being started again. */
    void giveBack() throws InterruptedException {
      long end = System.nanoTime() + limit.toNanos();
      while (ours && !closed) {
        try {
          tell(origin, "undrain");
          ours = false;
        } catch (IOException e) {
          if (System.nanoTime() > end) {
            LOG.warn("The edge does not answer: undrain {} when it does", origin, e);
            return;
          }
          TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
      }
    }
  }

  /** Waits until the edge finds an origin healthy, or does not look, since it is drained. */
  Start awaitHealthy(String origin, BooleanSupplier calledOff) throws InterruptedException {
    Set<String> good = Set.of("healthy", "drained");
    if (await(view -> good.contains(view.state(origin)), calledOff).isPresent()) {
      return new Start.Ready();
    }
    return calledOff.getAsBoolean() || closed
        ? new Start.CalledOff()
        : new Start.Failed(
            "%1$s runs, and the edge does not find it healthy; `mcpist logs %1$s` tells why"
                .formatted(origin));
  }

  /** Looks again and again; empty where that is over before it holds. */
  private Optional<EdgeAdmin.View> await(Predicate<EdgeAdmin.View> holds, BooleanSupplier calledOff)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!calledOff.getAsBoolean() && !closed) {
      Optional<EdgeAdmin.View> view = seen();
      if (view.filter(holds).isPresent()) {
        return view;
      }
      if (System.nanoTime() > end) {
        break;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    return Optional.empty();
  }

  private EdgeAdmin.View tell(String origin, String verb) throws IOException, InterruptedException {
    EdgeAdmin.View view = admin.change(origin, verb);
    changed.accept(view);
    return view;
  }

  /** Nothing is waited for any more: the edge is being stopped. */
  void close() {
    closed = true;
  }
}
