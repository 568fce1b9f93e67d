package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.platform.PlatformException;
import java.util.List;
import java.util.Optional;

/** What a {@link Pipeline} brings out: a release of the origins, or a version of the Worker. */
public interface Deployable {
  interface Start {
    /**
     * Looks at what runs, once the lock is taken, and finds out what is to be done.
     *
     * @throws DeployException where it is refused, and nothing has been changed
     */
    Deployable begin(DeploymentLock lock)
        throws DeployException, PlatformException, InterruptedException;
  }

  /** Changes what is to be changed, and verifies it. */
  Outcome.Result bringOut() throws InterruptedException;

  /**
   * Gives back what was there before, where that may be.
   *
   * @return whether all is as it was
   */
  boolean takeBack() throws InterruptedException;

  /**
   * Writes down how it ended, where anything was to be done.
   *
   * @param more whether another command of the same run goes on: it is to find the lock taken
   */
  void record(State state, String problem, boolean more) throws InterruptedException;

  /** How all is where it has passed, for a person. */
  String passed();

  /** What to do about one that has not. */
  String advice(Outcome.Result result);

  /** The origin that the failure is seen at, where it is one. */
  Optional<String> failing();

  Outcome outcome(Outcome.Result result, List<String> warnings) throws InterruptedException;
}
