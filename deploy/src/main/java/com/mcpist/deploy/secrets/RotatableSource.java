package com.mcpist.deploy.secrets;

import com.mcpist.deploy.github.RepositorySecrets;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.util.Optional;

/** The source of the secrets as a rotation sees it: a value, and the one that is to replace it. */
public interface RotatableSource {
  /** What it is, for a person: "GitHub". */
  String told();

  /** The value, where there is one. */
  Optional<Secret> current(String name) throws SecretsException;

  /** What is to replace it, where a rotation has begun. */
  Optional<Secret> next(String name) throws SecretsException;

  /**
   * Keeps what is to replace a value, where there is no such value yet. Where it fails it may be
   * kept all the same, and can be done again.
   */
  void storeNext(String name, Secret value, Deadline deadline)
      throws SecretsException, PlatformException, InterruptedException;

  /** Makes it the value. May be done again. */
  void promote(String name, Secret value, Deadline deadline)
      throws SecretsException, PlatformException, InterruptedException;

  /** Forgets what was to replace a value. May be done again. */
  void forgetNext(String name, Deadline deadline)
      throws SecretsException, PlatformException, InterruptedException;

  /**
   * GitHub's secrets. Their values are read from the environment, since GitHub returns none, and
   * written by its interface.
   *
   * @param source what the workflow has of them
   */
  record GitHub(Source source, RepositorySecrets secrets) implements RotatableSource {
    @Override
    public String told() {
      return "GitHub";
    }

    @Override
    public Optional<Secret> current(String name) throws SecretsException {
      return source.find(name);
    }

    @Override
    public Optional<Secret> next(String name) throws SecretsException {
      return source.find(Source.next(name));
    }

    /** One that is there, and that this workflow does not have, may be in use somewhere already. */
    @Override
    public void storeNext(String name, Secret value, Deadline deadline)
        throws SecretsException, PlatformException, InterruptedException {
      String next = Source.next(name);
      if (secrets.names(deadline).contains(next)) {
        throw new SecretsException(
            ("GitHub has a %s, and this environment has not: hand it on in the workflow, so that"
                    + " the rotation that it is of can be finished. Delete it there only if nobody"
                    + " runs with it: mcpist secrets check")
                .formatted(next));
      }
      secrets.put(next, name, value, deadline);
    }

    @Override
    public void promote(String name, Secret value, Deadline deadline)
        throws PlatformException, InterruptedException {
      secrets.put(name, name, value, deadline);
    }

    @Override
    public void forgetNext(String name, Deadline deadline)
        throws PlatformException, InterruptedException {
      secrets.delete(Source.next(name), deadline);
    }
  }
}
