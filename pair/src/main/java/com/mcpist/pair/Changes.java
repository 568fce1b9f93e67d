package com.mcpist.pair;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.rollout.Turns;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What is changed in a pair while it serves, one change at a time: an origin that is drained while
 * a new edge starts would be drained at the old one only. Rollouts are not among them: those of two
 * origins go on side by side, and nothing else is done with an origin meanwhile.
 */
final class Changes {
  /** What a program may take for the calls in flight, 25 s at most, and its end. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration HEALTHY_LIMIT = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 100;

  private final EdgeProgram edge;
  private final EdgeAdmin admin;
  private final Turns origins;
  private final Semaphore turn = new Semaphore(1);

  /**
   * @param origins who is rolled out
   */
  Changes(EdgeProgram edge, EdgeAdmin admin, Turns origins) {
    this.edge = edge;
    this.admin = admin;
    this.origins = origins;
  }

  EdgeAdmin admin() {
    return admin;
  }

  /** One change, from its beginning to its end. */
  private interface Change<T> {
    T make() throws PairException, InterruptedException;
  }

  private <T> T inTurn(Change<T> change) throws PairException, InterruptedException {
    if (!turn.tryAcquire()) {
      throw new PairException("another change is under way: try again when it is done");
    }
    try {
      return change.make();
    } finally {
      turn.release();
    }
  }

  /**
   * Drains or undrains an origin.
   *
   * @param verb drain or undrain
   * @return how the edge sees the origins then
   * @throws PairException where that is refused, or the edge does not answer
   */
  EdgeAdmin.View change(String name, String verb) throws PairException, InterruptedException {
    return inTurn(
        () -> {
          Optional<String> other = verb.equals("drain") ? origins.needed(name) : Optional.empty();
          if (other.isPresent()) {
            throw busy(name, other.get());
          }
          try {
            return tell(name, verb);
          } catch (EdgeAdmin.Refused e) {
            throw new PairException(
                e.code() == 409
                    ? name + " stays: without it no healthy origin would be left"
                    : String.valueOf(e.getMessage()),
                e);
          } catch (IOException e) {
            throw noAnswer(e);
          }
        });
  }

  /**
   * Starts a new edge on the socket of the old one, which finishes what it has.
   *
   * @throws PairException where the new one does not get ready; the old one goes on then
   */
  void restartEdge(Keeper keeper, Consumer<String> step)
      throws PairException, InterruptedException {
    inTurn(
        () -> {
          step.accept("Starting a new edge");
          keeper.restart(STOP_LIMIT, START_LIMIT);
          return true;
        });
  }

  /**
   * Gives the edge another gateway secret; calls that come are made with it.
   *
   * @throws PairException where it does not take it; the same may be done again
   */
  void replaceEdgeSecret(String value) throws PairException, InterruptedException {
    inTurn(
        () -> {
          try {
            edge.replaceSecret(value);
            return true;
          } catch (IOException e) {
            throw noAnswer(e);
          }
        });
  }

  /**
   * Restarts an origin while the other one takes its calls; where there is no other one, calls wait
   * for it.
   *
   * @throws PairException where it does not get healthy again
   */
  void restartOrigin(Keeper keeper, Consumer<String> step)
      throws PairException, InterruptedException {
    inTurn(
        () -> {
          Optional<String> other = origins.take(keeper.name(), "being restarted", true);
          if (other.isPresent()) {
            throw busy(keeper.name(), other.get());
          }
          try {
            restart(keeper, step);
          } finally {
            origins.giveBack(keeper.name());
          }
          return true;
        });
  }

  private void restart(Keeper keeper, Consumer<String> step)
      throws PairException, InterruptedException {
    boolean drained = drain(keeper.name(), step);
    try {
      step.accept("Restarting " + keeper.name());
      keeper.restart(STOP_LIMIT, START_LIMIT);
    } finally {
      if (drained) {
        undrain(keeper.name());
      }
    }
    step.accept("Waiting until the edge finds " + keeper.name() + " healthy");
    awaitHealthy(keeper.name());
  }

  private static PairException busy(String name, String what) {
    return new PairException(name + " is " + what + ": try again when that is done");
  }

  /** Whether it is this that has drained it: one that was drained before stays so. */
  private boolean drain(String name, Consumer<String> step)
      throws PairException, InterruptedException {
    try {
      if (state(admin.status(), name).equals("drained")) {
        return false;
      }
    } catch (IOException e) {
      throw noAnswer(e);
    }
    step.accept("Draining " + name);
    try {
      tell(name, "drain");
      return true;
    } catch (EdgeAdmin.Refused e) {
      step.accept("No other origin is healthy: calls wait for " + name);
      return false;
    } catch (IOException e) {
      undrain(name); // A busy edge may have done it, or do it yet, though its answer did not come.
      throw noAnswer(e);
    }
  }

  /** Also when the edge is just being started again. */
  private void undrain(String name) throws PairException, InterruptedException {
    await(
        () -> {
          tell(name, "undrain");
          return true;
        },
        "the edge does not answer: undrain " + name + " when it does");
  }

  private void awaitHealthy(String name) throws PairException, InterruptedException {
    await(
        () -> {
          String state = state(admin.status(), name);
          return state.equals("healthy") || state.equals("drained");
        },
        name
            + " runs, and the edge does not find it healthy; `mcpist logs "
            + name
            + "` tells why");
  }

  private interface Look {
    boolean holds() throws IOException, InterruptedException, EdgeAdmin.Refused;
  }

  private static void await(Look look, String failure) throws PairException, InterruptedException {
    long deadline = System.nanoTime() + HEALTHY_LIMIT.toNanos();
    while (true) {
      try {
        if (look.holds()) {
          return;
        }
      } catch (IOException | EdgeAdmin.Refused _) {
        // It is asked again.
      }
      if (System.nanoTime() > deadline) {
        throw new PairException(failure);
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private EdgeAdmin.View tell(String name, String verb)
      throws IOException, InterruptedException, EdgeAdmin.Refused {
    EdgeAdmin.View view = admin.change(name, verb);
    edge.remember(view);
    return view;
  }

  private static String state(EdgeAdmin.View view, String name) {
    EdgeAdmin.Seen seen = view.origin(name);
    return seen == null ? "" : seen.state();
  }

  private static PairException noAnswer(IOException cause) {
    return new PairException("the edge does not answer; `mcpist status` tells how it is", cause);
  }
}
