package com.mcpist.deploy.platform;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

public interface SecretStore {
  /** The names of the secrets that are stored for the program, as the program's variables. */
  Set<String> secretNames(Deadline deadline) throws InterruptedException;

  /**
   * Those of {@link #secretNames} that nobody else can mean: of a store that several deployments
   * share, a name may read as this one's and be another's.
   */
  default Set<String> ownSecretNames(Deadline deadline) throws InterruptedException {
    return secretNames(deadline);
  }

  /**
   * Stores secrets, each by the name of the program's variable. An origin that runs sees them after
   * {@link Platform#restart} or {@link Platform#deploy}. Stores return no values, so a value that
   * was the same counts as {@link SecretChange#UPDATED} where the store cannot tell.
   */
  Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException;

  enum SecretChange {
    CREATED,
    UPDATED,
    /** It had this value already: nothing to restart for. */
    UNCHANGED
  }
}
