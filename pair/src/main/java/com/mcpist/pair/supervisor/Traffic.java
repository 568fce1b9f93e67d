package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.control.PairStatus.LastFailure;
import com.mcpist.pair.control.PairStatus.Origin;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper.Start;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes origins out of what the edge sends, and in again. */
final class Traffic {
  private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);
  private static final long LOOK_MILLIS = 100;
  private static final long WATCH_MILLIS = 300;
  private static final int NONE_LEFT = 409;
  static final String NO_ANSWER = "the edge does not answer; `mcpist status` tells how it is";

  final EdgeAdmin admin;
  private final Consumer<EdgeAdmin.View> changed;
  private final Duration limit;
  final Turn turn = new Turn();
  private volatile boolean closed;

  /**
   * What is changed in a pair while it serves, one change at a time: two at once could take both
   * origins away, and an origin that is drained while a new edge starts would be drained at the old
   * one only.
   */
  static final class Turn {
    private final Semaphore free = new Semaphore(1, true);
    private volatile String what = "";

    @FunctionalInterface
    interface Change<T> {
      T make() throws PairException, InterruptedException;
    }

    /** Makes a change, as {@code the edge is being restarted}, unless another one is under way. */
    <T> T now(String is, Change<T> change) throws PairException, InterruptedException {
      if (!free.tryAcquire()) {
        throw taken();
      }
      what = is;
      try {
        return change.make();
      } finally {
        free.release();
      }
    }

    void check() throws PairException {
      if (free.availablePermits() == 0) {
        throw taken();
      }
    }

    private PairException taken() {
      return new PairException(Kind.CONFLICT, what, "Try again when that is done");
    }

    /** Waits until no other change is under way. */
    void take(String is) throws InterruptedException {
      free.acquire();
      what = is;
    }

    void giveBack() {
      free.release();
    }
  }

  /** The edge that runs may take so long to answer, and to find an origin healthy. */
  Traffic(EdgeAdmin admin, Consumer<EdgeAdmin.View> changed, Duration limit) {
    this.admin = admin;
    this.changed = changed;
    this.limit = limit;
  }

  /** What the edge sees; empty while it does not answer. */
  Optional<EdgeAdmin.View> seen() throws InterruptedException {
    try {
      return Optional.of(admin.status());
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  EdgeAdmin.View change(String origin, String verb) throws PairException, InterruptedException {
    try {
      return tell(origin, verb);
    } catch (EdgeAdmin.Refused e) {
      throw new PairException(
          Kind.REJECTED,
          e.code == NONE_LEFT
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

    /** One that was drained stays so; PairException: no answer, and nothing is drained. */
    void take(Consumer<String> step) throws PairException, InterruptedException {
      if (ours) {
        return;
      }
      EdgeAdmin.View view =
          await(_ -> true, () -> false).orElseThrow(() -> new PairException(NO_ANSWER));
      if (view.isDrained(origin)) {
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
    Predicate<Origin> good = seen -> seen.drained() || seen.state().equals("healthy");
    if (await(view -> view.origin(origin).filter(good).isPresent(), calledOff).isPresent()) {
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

  /** Tells when another origin serves, and why, until its thread is interrupted. */
  void watch(Consumer<String> out) {
    try {
      String serving = "";
      while (true) {
        Optional<EdgeAdmin.View> view = seen();
        String now = view.map(Traffic::serving).orElse(serving);
        if (!now.equals(serving) && !serving.isEmpty()) {
          out.accept(sentence(serving, now, view.orElseThrow()));
        }
        serving = now;
        TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  static String serving(EdgeAdmin.View view) {
    return view.serving().orElse("none");
  }

  static String sentence(String before, String now, EdgeAdmin.View view) {
    if (now.equals("none")) {
      return "no origin serves now; calls wait";
    }
    Origin old = view.origin(before).orElse(null);
    if (old == null || old.state().equals("healthy")) {
      return now + " serves now";
    }
    LastFailure failure = old.lastFailure();
    String why = old.drained() || failure == null ? " is " + old.state() : ": " + failure.reason();
    return now + " serves now (" + before + why + ")";
  }

  /** Nothing is waited for any more: the edge is being stopped. */
  void close() {
    closed = true;
  }
}
