package com.mcpist.deploy.secrets;

import com.mcpist.deploy.github.RepositorySecrets;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

/** Writes the source of the secrets for a rotation. Every call may be made again. */
public interface SourceWriter {
  /** What the source is, for a person: "GitHub". */
  String told();

  /** Keeps what is to replace a value, where there is no such value yet. */
  void storeNext(String name, Secret value, Deadline deadline)
      throws SecretsException, PlatformException, InterruptedException;

  /** Makes it the value. */
  void promote(String name, Secret value, Deadline deadline)
      throws SecretsException, PlatformException, InterruptedException;

  /** Forgets what was to replace a value. */
  void forgetNext(String name, Deadline deadline)
      throws SecretsException, PlatformException, InterruptedException;

  /**
   * GitHub's secrets, whose values it returns to nobody: workflows get them as a {@link Source}.
   */
  record GitHub(RepositorySecrets secrets) implements SourceWriter {
    @Override
    public String told() {
      return "GitHub";
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
