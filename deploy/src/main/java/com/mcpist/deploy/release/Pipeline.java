package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.release.Outcome.Result;

/** Takes the lock, brings it out, takes it back where it is bad, records and tells how it ended. */
public record Pipeline(Site site, Announcements announcements, Watcher watcher) {
  public Outcome deploy(String told, Order.Terms terms, Deployable.Start start)
      throws InterruptedException {
    try (DeploymentLock lock = DeploymentLock.take(site, terms, told, watcher)) {
      Deployable what = start.begin(lock);
      Result result;
      try {
        result = result(what, lock);
        // One of several commands: the last of them knows how it ends.
        boolean more = terms.run().isPresent() && !terms.verify() && result instanceof Result.Good;
        what.record(result.state(), result.problem(), more);
      } catch (InterruptedException e) {
        stopped(what);
        throw e;
      }
      return what.outcome(result, tell(told, terms, what, result));
    }
  }

  private List<String> tell(String told, Order.Terms terms, Deployable what, Result result) {
    if (!(result instanceof Result.Good)) {
      return announcements.failed(told, what.failing(), result.problem(), what.advice(result));
    }
    return terms.verify() ? announcements.passed(told, what.passed()) : List.of();
  }

  private Result result(Deployable what, DeploymentLock lock) throws InterruptedException {
    Result result = what.bringOut();
    if (result instanceof Result.Good) {
      return result;
    }
    watcher.failed(result.problem());
    return result instanceof Result.Failed(String why) && !lock.isLost() && what.takeBack()
        ? new Result.Returned(why)
        : result;
  }

  /** Stopped half-way: the same command goes on where this one was. */
  private static void stopped(Deployable what) {
    try {
      what.record(State.FAILED, "it was stopped", false);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a {@link Pipeline} brings out: a release of the origins, or a version of the Worker. */
  public interface Deployable {
    interface Start {
      Deployable begin(DeploymentLock lock) throws InterruptedException;
    }

    Outcome.Result bringOut() throws InterruptedException;

    /** Gives back what was there before, where that may be; whether all is as it was. */
    boolean takeBack() throws InterruptedException;

    /** With {@code more} another command of the same run goes on, and is to find the lock taken. */
    void record(State state, String problem, boolean more) throws InterruptedException;

    String passed();

    String advice(Outcome.Result result);

    Optional<String> failing();

    Outcome outcome(Outcome.Result result, List<String> warnings) throws InterruptedException;
  }
}
