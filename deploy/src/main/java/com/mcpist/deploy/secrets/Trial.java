package com.mcpist.deploy.secrets;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

/** Tries a value that no program has and only the workflows use, before it replaces another. */
@FunctionalInterface
public interface Trial {
  /**
   * Makes a call that only reads, with that value.
   *
   * @param name of the secret
   * @return whether there is such a call; false: nobody can try that one
   * @throws PlatformException where the value is not good for it
   */
  boolean isGood(String name, Secret value, Deadline deadline)
      throws PlatformException, InterruptedException;
}
