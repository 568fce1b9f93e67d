package com.mcpist.deploy.secrets;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.util.Optional;

/** The source of the secrets as a rotation sees it: a value, and the one that is to replace it. */
public interface Vault {
  /** What it is, for a person: "GitHub". */
  String told();

  /** The value, where there is one. */
  Optional<Secret> current(String name) throws SecretsException;

  /** What is to replace it, where a rotation has begun. */
  Optional<Secret> next(String name) throws SecretsException;

  /**
   * Keeps what is to replace a value, where there is no such value yet.
   *
   * @throws SecretsException where it is not kept, or where it may be: then it can be done again
   */
  void storeNext(String name, Secret value, Deadline deadline)
      throws SecretsException, InterruptedException;

  /** Makes it the value. May be done again. */
  void promote(String name, Secret value, Deadline deadline)
      throws SecretsException, InterruptedException;

  /** Forgets what was to replace a value. May be done again. */
  void forgetNext(String name, Deadline deadline) throws SecretsException, InterruptedException;
}
