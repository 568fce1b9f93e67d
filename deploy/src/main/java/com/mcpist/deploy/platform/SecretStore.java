package com.mcpist.deploy.platform;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

public interface SecretStore {
  /**
   * Returns the names of the secrets that are stored for the program, which are the names of the
   * program's variables.
   */
  Set<String> secretNames(Deadline deadline) throws InterruptedException;

  /**
   * Returns those of {@link #secretNames} that certainly belong to this deployment. In a store that
   * several deployments share, a name may look like this deployment's and be another's.
   */
  default Set<String> ownSecretNames(Deadline deadline) throws InterruptedException {
    return secretNames(deadline);
  }

  /**
   * Stores secrets, each by the name of the program's variable. An origin that runs sees them after
   * {@link Platform#restart} or {@link Platform#deploy}. Stores return no values, so an unchanged
   * value counts as {@link SecretChange#UPDATED} if the store cannot tell.
   */
  Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException;

  enum SecretChange {
    CREATED,
    UPDATED,
    /** The secret had this value already, so no restart is needed. */
    UNCHANGED
  }
}
